"""The station kiosks, their scanners and the command line: the only package that wires the others together."""

import os

# What checks the files would look for plugins among all that is installed, at every start: none is wanted here.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
