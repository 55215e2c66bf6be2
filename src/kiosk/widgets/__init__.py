"""The widgets the screens are built of: each paints one view and knows nothing else."""
