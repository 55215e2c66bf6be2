"""What attackers would scan, type, name and write, through every entrance."""
