"""Values of any type of the domain, made from its annotations: the same ones at every run."""

import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import count
from typing import Any, Union, get_args, get_origin, get_type_hints

_EPOCH = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def sample(annotation: Any, numbers: Iterator[int] | None = None, name: str = "value") -> Any:
    """A value of a type; optional ones are filled, tuples hold two entries, enums give their last member."""
    numbers = count(1) if numbers is None else numbers
    while hasattr(annotation, "__supertype__"):
        annotation = annotation.__supertype__
    origin = get_origin(annotation)
    if origin in {Union, types.UnionType}:
        return sample(next(a for a in get_args(annotation) if a is not type(None)), numbers, name)
    if origin in {tuple, frozenset}:
        values = [sample(get_args(annotation)[0], numbers, name) for _ in range(2)]
        return origin(values)
    if is_dataclass(annotation):
        hints = get_type_hints(annotation)
        return annotation(**{f.name: sample(hints[f.name], numbers, f.name) for f in fields(annotation)})  # pyright: ignore[reportCallIssue]
    if issubclass(annotation, Enum):
        return list(annotation)[-1]
    if annotation is datetime:
        return _EPOCH + timedelta(seconds=next(numbers), microseconds=1)
    if annotation is bool:
        return True
    if annotation is int:
        return next(numbers)
    if annotation is float:
        return next(numbers) + 0.5
    if annotation is str:
        return f"{name}-{next(numbers)}"
    raise TypeError(annotation)
