"""Measurements, apart from the tests: `python -m bench` prints each figure beside its bar."""
