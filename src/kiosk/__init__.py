"""The station kiosks, their scanners and the command line: the only package that wires the others together."""
