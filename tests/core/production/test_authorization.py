"""Authorization: a set with a replacement is let through by a manager who gathered none of it."""

from typing import Any

import pytest

from core.domain.commands import AuthorizeReplacementSet, RegisterOperator, RemoveCardFromAssembly
from core.domain.events import ReplacementSetAuthorized
from core.domain.rejections import (
    AuthorizerGathered,
    NeedsAuthorization,
    NothingToAuthorize,
    NotPermitted,
    PinNotSet,
    PinWrong,
    UnknownOperator,
    UnknownUnit,
)
from core.domain.values import AssemblyStatus, OperatorRole
from core.identity.ids import OperatorId, SheetId, assembly_of
from core.production import pins
from tests.core.line import Line
from tests.core.shop import ASSEMBLY, LEAD, MANAGER, OPERATOR, OTHER_MANAGER, PIN, done, refused, spec

SHEET = SheetId("J1044-S001")


@pytest.fixture
def waiting(line: Line) -> SheetId:
    """A complete set that holds a replacement."""
    line.start(spec())
    line.replace(line.cut(SHEET)[2])
    line.complete(SHEET)
    return SHEET


def test_a_set_with_a_replacement_is_packed_only_once_authorized(line: Line, waiting: SheetId) -> None:
    """The refusal names the replacements."""
    assert refused(line.pack(waiting), NeedsAuthorization).replacements == ("J1044-S001-03-R1",)
    (authorized,) = done(line.authorize(waiting))
    assert isinstance(authorized, ReplacementSetAuthorized)
    assert (authorized.manager, authorized.operator_id, authorized.replacements) == (
        MANAGER,
        MANAGER,
        ("J1044-S001-03-R1",),
    )
    done(line.pack(waiting))


def test_a_manager_who_gathered_any_of_it_authorizes_none_of_it(line: Line) -> None:
    """Four eyes, whatever the PIN."""
    line.start(spec())
    cards = line.cut(SHEET)
    line.clear(*cards)
    done(line.gather(cards[1], by=MANAGER))
    line.replace(cards[2])
    line.complete(SHEET)
    assert refused(line.authorize(SHEET), AuthorizerGathered).manager == MANAGER
    done(line.authorize(SHEET, manager=OTHER_MANAGER))


def test_a_manager_whose_card_was_taken_out_again_may_authorize(line: Line, waiting: SheetId) -> None:
    """What counts is who put in the cards that lie there."""
    card = line.tray(waiting).gathered[1]
    said: dict[str, Any] = {"card_unit_id": card, "reason": "scratched"}
    done(line.ask(RemoveCardFromAssembly, at=ASSEMBLY, **said))
    done(line.gather(card, by=MANAGER))
    refused(line.authorize(waiting), AuthorizerGathered)
    done(line.ask(RemoveCardFromAssembly, at=ASSEMBLY, **said))
    done(line.gather(card))
    done(line.authorize(waiting))


def test_badge_and_pin_prove_the_manager(line: Line, waiting: SheetId) -> None:
    """A wrong PIN, no PIN, no manager, nobody."""
    refused(line.authorize(waiting, pin="0000"), PinWrong)
    refused(line.authorize(waiting, pin=""), PinWrong)
    refused(line.authorize(waiting, pin="\x00\ud800"), PinWrong)
    assert refused(line.authorize(waiting, manager=LEAD), NotPermitted).needed == (OperatorRole.MANAGER,)
    refused(line.authorize(waiting, manager=OPERATOR), NotPermitted)
    refused(line.authorize(waiting, manager=OperatorId("OP-999")), UnknownOperator)
    newcomer = OperatorId("OP-50")
    registered: dict[str, Any] = {"badge": newcomer, "name": "A manager", "roles": (OperatorRole.MANAGER,)}
    done(line.ask(RegisterOperator, by=None, **registered))
    refused(line.authorize(waiting, manager=newcomer), PinNotSet)
    assert line.tray(waiting).authorized_by is None


def test_only_a_complete_set_with_a_replacement_needs_it(line: Line) -> None:
    """Not an open one, not one without, not one that has it."""
    line.start(spec(), sets=2)
    line.replace(line.cut(SHEET)[0])
    assert refused(line.authorize(SHEET), NothingToAuthorize).status is AssemblyStatus.PENDING
    line.complete(SHEET)
    done(line.authorize(SHEET))
    refused(line.authorize(SHEET, manager=OTHER_MANAGER), NothingToAuthorize)
    line.complete("J1044-S002")
    refused(line.authorize("J1044-S002"), NothingToAuthorize)
    refused(line.authorize("J1044-S003"), UnknownUnit)


def test_an_authorization_ends_with_the_set_that_it_was_for(line: Line, waiting: SheetId) -> None:
    """Whatever is taken out or voided, the set as it is then must be looked at anew."""
    for spoil in (line.void, lambda card: line.ask(RemoveCardFromAssembly, card_unit_id=card, reason="x")):
        done(line.authorize(waiting))
        done(spoil(line.tray(waiting).gathered[1]))
        assert line.tray(waiting).authorized_by is None
        line.complete(waiting)
        refused(line.pack(waiting), NeedsAuthorization)


def test_a_set_that_lost_its_replacement_for_another_is_authorized_for_that(line: Line, waiting: SheetId) -> None:
    """A replacement of a replacement is one as well."""
    newer = line.replace("J1044-S001-03-R1")
    line.complete(waiting)
    (authorized,) = done(line.authorize(waiting))
    assert isinstance(authorized, ReplacementSetAuthorized)
    assert authorized.replacements == (newer,) == ("J1044-S001-03-R2",)


def test_a_command_never_shows_its_pin(line: Line) -> None:
    """Neither in a log nor on a screen."""
    command = AuthorizeReplacementSet(
        at=line.now, operator_id=MANAGER, station_id=None, assembly_id=assembly_of(SHEET), manager=MANAGER, pin=PIN
    )
    assert PIN not in repr(command)
    assert PIN not in str(command)


@pytest.mark.parametrize(
    ("pin", "fits"),
    [("2468", True), ("123456789012", True), ("123", False), ("1234567890123", False), ("1111", False),
     ("12a4", False), ("٢٤٦٨", False), ("", False)],
)  # fmt: skip
def test_a_pin_is_4_to_12_digits_that_are_not_all_one(pin: str, fits: bool) -> None:
    """Digits of the keypad."""
    assert pins.is_acceptable(pin) is fits


def test_a_pin_is_kept_as_a_salted_hash(line: Line) -> None:
    """Two people with one PIN have different secrets, and neither holds it."""
    one, two = pins.hash_pin(PIN, b"a" * 16), pins.hash_pin(PIN, b"b" * 16)
    assert one.digest != two.digest
    assert PIN not in f"{one}{two}"
    assert pins.is_right(PIN, one)
    assert not pins.is_right("8642", one)
