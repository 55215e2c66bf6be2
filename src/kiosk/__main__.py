"""The program `kiosk`, and `python -m kiosk`."""

import sys

from kiosk.cli.program import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
