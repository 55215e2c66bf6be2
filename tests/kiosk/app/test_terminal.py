"""A terminal that vanishes is noticed; one that is there, busy or silent is left alone."""

import os

from kiosk.terminal import is_gone


def test_a_terminal_is_gone_when_its_other_end_is_closed() -> None:
    """Given a pseudo-terminal, silent and then with keys in it, then it is there; closed, it is gone."""
    other_end, terminal = os.openpty()
    try:
        assert not is_gone(terminal)
        os.write(other_end, b"x\n")
        assert not is_gone(terminal)
        os.close(other_end)
        assert is_gone(terminal)
    finally:
        os.close(terminal)
