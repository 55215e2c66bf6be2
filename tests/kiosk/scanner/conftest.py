"""Fixtures of the scanner room."""

import os

import pytest


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No device may be opened, also when the tests run as root, who may open everything."""
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
