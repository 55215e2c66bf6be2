"""Values that never change: as frozen dataclasses, quicker to make."""

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, InitVar, dataclass, field, fields, replace

import pytest

from core.domain.immutable import immutable, immutable_in_order


@immutable
class _Fact:
    at: int
    by: str | None = None


@immutable
class _OfACard(_Fact):
    """Says more than a fact."""

    card: str
    codes: tuple[str, ...] = ()
    seen: bool = field(default=False, compare=False)

    @property
    def is_coded(self) -> bool:
        return bool(self.codes)


@immutable_in_order
class _Place:
    station: str
    since: int = 0


_SAID = _OfACard(at=5, card="J1-S001-01")


def test_it_is_made_of_what_is_given_and_of_defaults() -> None:
    """Every field holds what was given, or its default; also those of the class that it goes on from."""
    assert (_SAID.at, _SAID.by, _SAID.card, _SAID.codes, _SAID.seen, _SAID.is_coded) == (
        5, None, "J1-S001-01", (), False, False,
    )  # fmt: skip
    assert (_Place("QA-1", 3).station, _Place("QA-1", since=3).since, _Place("QA-1").since) == ("QA-1", 3, 0)
    assert type(_SAID) is _OfACard


@pytest.mark.parametrize("name", ["at", "card", "codes", "seen", "new"])
def test_nothing_of_it_can_be_changed(name: str) -> None:
    """Setting or deleting a field, its own or an inherited one, is refused, and so is a field that it has not."""
    with pytest.raises((FrozenInstanceError, TypeError, AttributeError)):
        setattr(_SAID, name, 1)
    with pytest.raises((FrozenInstanceError, TypeError, AttributeError)):
        delattr(_SAID, name)
    assert not hasattr(_SAID, "__dict__")


def test_whoever_forgets_a_field_or_names_another_is_told_which() -> None:
    """The error names the class and the field, as that of a dataclass does."""
    with pytest.raises(TypeError, match=r"_OfACard.__init__\(\) missing 1 required keyword-only argument: 'card'"):
        _OfACard(at=5)  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError, match="unexpected keyword argument 'cards'"):
        _OfACard(at=5, card="", cards="")  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError, match="positional"):
        _OfACard(5, None, "")  # pyright: ignore[reportCallIssue]


def test_it_is_compared_hashed_copied_and_shown_as_a_frozen_dataclass_is() -> None:
    """Whatever takes a dataclass takes it, and what is not to be compared is not."""
    same = _OfACard(at=5, card="J1-S001-01", seen=True)
    assert same == _SAID
    assert hash(same) == hash(_SAID)
    assert replace(_SAID, codes=("C1",)) == _OfACard(at=5, card="J1-S001-01", codes=("C1",))
    assert copy.deepcopy(_SAID) == pickle.loads(pickle.dumps(_SAID)) == _SAID
    assert repr(_Place("QA-1")) == "_Place(station='QA-1', since=0)"
    assert [each.name for each in fields(_SAID)] == ["at", "by", "card", "codes", "seen"]
    match _SAID:
        case _OfACard(card=card):
            assert card == "J1-S001-01"


def test_a_default_that_is_made_anew_each_time_is_refused_when_the_class_is_made() -> None:
    """What the quick way cannot fill is said at once, not left out."""
    with pytest.raises(TypeError, match="codes"):

        @immutable
        class _Coded:
            codes: dict[str, int] = field(default_factory=dict[str, int])


def test_what_nobody_would_call_or_give_is_refused_when_the_class_is_made() -> None:
    """A check of its own after it is made, or fields of which only some are given by name."""
    with pytest.raises(TypeError, match="__post_init__"):

        @immutable
        class _Checked:
            at: int

            def __post_init__(self) -> None:
                """Never called."""

    with pytest.raises(TypeError, match="__init__"):

        @immutable
        class _Made:
            at: int

            def __init__(self, at: int) -> None:
                """Never called."""

    with pytest.raises(TypeError, match="no field"):

        @immutable
        class _Given:
            at: int
            by: InitVar[str]

    with pytest.raises(TypeError, match=r"_Named\.self"):

        @immutable
        class _Named:
            self: int

    with pytest.raises(TypeError, match="by"):

        @immutable_in_order
        class _Mixed:
            at: int
            by: str = field(kw_only=True)


def test_a_class_that_goes_on_from_it_is_made_immutable_itself() -> None:
    """It would else come out as the one that it goes on from."""

    class _More(_Place):
        __slots__ = ()

    with pytest.raises(TypeError, match="_More is not made immutable itself"):
        _More("QA-1")


def test_it_is_a_dataclass_of_the_same_fields() -> None:
    """What is written in the usual way says the same, and is asked for in the same way."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class _Usual(_Fact):
        card: str
        codes: tuple[str, ...] = ()
        seen: bool = field(default=False, compare=False)

    usual = _Usual(at=5, card="J1-S001-01")
    assert [(each.name, each.type, each.default) for each in fields(usual)] == [
        (each.name, each.type, each.default) for each in fields(_SAID)
    ]
    assert inspect.signature(_OfACard) == inspect.signature(usual.__class__)
