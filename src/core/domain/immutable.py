"""The decorator of what is made for every scan: values that never change, quickly made.

A frozen dataclass fills itself through ``object.__setattr__``, field by field, which takes twice as long as all the
rest of it. These fill themselves as a class that is not frozen and has the same slots, and become what they are
when they are full.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def immutable(cls: type[T]) -> type[T]:
    """Make a frozen dataclass with slots, whose fields are given by name; each is plain or has a plain default.

    Raises TypeError for a class that has anything else to be done when it is made.
    """
    return _quick(cls, kw_only=True)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def immutable_in_order(cls: type[T]) -> type[T]:
    """Make the same of a class whose fields may also be given in their order."""
    return _quick(cls, kw_only=False)


def _quick(cls: type[T], *, kw_only: bool) -> type[T]:
    if "__init__" in cls.__dict__ or hasattr(cls, "__post_init__"):
        raise TypeError(f"{cls.__name__} has an __init__ or a __post_init__ of its own, which nobody would call")
    frozen = dataclass(frozen=True, slots=True, kw_only=kw_only)(cls)
    own: tuple[str, ...] = frozen.__dict__["__slots__"]
    # Both: only with neither of them the class's own may its fields be set the short way.
    plain = {"__slots__": own, "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    draft = type(f"{frozen.__name__}Draft", frozen.__bases__, plain)
    frozen.__init__ = _initializer(frozen, draft)
    return frozen


def _initializer(frozen: type[Any], draft: type[Any]) -> Callable[..., None]:
    columns = fields(frozen)
    code = frozen.__init__.__code__
    if set(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]) != {column.name for column in columns}:
        raise TypeError(f"{frozen.__name__} takes what is no field of it, which nobody would keep")
    given = {"_become": object.__dict__["__class__"].__set__, "_draft": draft, "_frozen": frozen}
    parameters: list[str] = []
    for column in columns:
        if column.name in {"self", *given}:
            raise TypeError(f"{frozen.__name__}.{column.name} is a name that is needed to make it")
        if not column.init or column.default_factory is not MISSING or column.kw_only is not columns[0].kw_only:
            raise TypeError(f"{frozen.__name__}.{column.name} is neither plain nor has it a plain default")
        default = f"_default_{column.name}"
        if column.default is not MISSING:
            given[default] = column.default
        parameters.append(_parameter(column, default))
    by_name = ["*"] if columns and columns[0].kw_only else []
    filled = [f"    self.{column.name} = {column.name}" for column in columns]
    said = [
        f"def made({', '.join(given)}):",
        f"  def __init__({', '.join(['self', *by_name, *parameters])}):",
        "    if type(self) is not _frozen:",
        "      raise TypeError(f'{type(self).__name__} is not made immutable itself')",
        "    _become(self, _draft)",
        *filled,
        "    _become(self, _frozen)",
        "  return __init__",
    ]
    scope: dict[str, Any] = {}
    exec("\n".join(said), scope)  # noqa: S102 - made of the class's own field names, as dataclass itself does it
    made: Callable[..., None] = scope["made"](**given)
    made.__module__, made.__qualname__ = frozen.__module__, f"{frozen.__qualname__}.__init__"
    made.__annotations__ = {**{column.name: column.type for column in columns}, "return": None}
    return made


def _parameter(column: Field[Any], default: str) -> str:
    return column.name if column.default is MISSING else f"{column.name}={default}"
