"""Every refusal that the rules know is provoked by a test of this room."""

import ast
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from core.domain.readings import Reading
from core.domain.rejections import Rejection

ELSEWHERE = {"NothingToUndo": "said by a station that remembers no deed of its own; the core is never asked"}
ROOM = sorted(Path(__file__).parent.glob("test_*.py"))


@cache
def expected_somewhere() -> set[str]:
    """The names that stand in a test or its cases: what ``refused`` or ``read_as`` must find there."""
    named: set[str] = set()
    for path in ROOM:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                named.update(found.id for found in ast.walk(node) if isinstance(found, ast.Name))
    return named


@pytest.mark.parametrize("kind", [*get_args(Rejection), *get_args(Reading)], ids=lambda kind: kind.__name__)
def test_every_refusal_and_reading_is_provoked(kind: Any) -> None:
    """A new one without a test is noticed here."""
    assert kind.__name__ in expected_somewhere() | ELSEWHERE.keys()
