"""The tests, one room for each package and one for the architecture itself."""
