"""Scanners against a real kernel, in a guest machine; run by tests/lab/run.py, not by pytest."""
