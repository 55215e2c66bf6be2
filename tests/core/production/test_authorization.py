"""Authorization: a set with a replacement is let through by a manager who gathered none of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.domain.commands import AuthorizeReplacementSet, RegisterOperator, RemoveCardFromAssembly, SetOperatorPin
from core.domain.events import ReplacementSetAuthorized
from core.domain.rejections import (
    AuthorizerGathered,
    NeedsAuthorization,
    NothingToAuthorize,
    NotPermitted,
    PinLocked,
    PinNotSet,
    PinWrong,
    UnknownOperator,
    UnknownUnit,
)
from core.domain.values import AssemblyStatus, OperatorRole
from core.identity.ids import OperatorId, SheetId, assembly_of
from core.production import pins
from core.production.facts import ShopPolicy
from tests.core.beginnings import beginning
from tests.core.line import Line
from tests.core.shop import ASSEMBLY, LEAD, MANAGER, OPERATOR, OTHER_MANAGER, PIN, done, refused, spec

SHEET = SheetId("J1044-S001")


@beginning
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


def guess(line: Line, sheet: SheetId, times: int, manager: OperatorId = MANAGER) -> None:
    """Give wrong PINs, a minute apart."""
    for _ in range(times):
        line.pass_time(60)
        refused(line.authorize(sheet, manager=manager, pin="0000"), PinWrong)


def test_after_five_wrong_pins_the_right_one_is_refused_as_well(line: Line, waiting: SheetId) -> None:
    """A guesser does not learn which it was; the refusal says until when."""
    line.pass_time(60)
    first = line.now + timedelta(seconds=60)
    guess(line, waiting, 5)
    for pin in (PIN, "0000"):
        said = refused(line.authorize(waiting, pin=pin), PinLocked)
        assert (said.operator_id, said.wrong_pins, said.until) == (MANAGER, 5, first + timedelta(minutes=15))
    assert line.tray(waiting).authorized_by is None


def test_four_wrong_pins_lock_nothing(line: Line, waiting: SheetId) -> None:
    """Everybody mistypes."""
    guess(line, waiting, 4)
    done(line.authorize(waiting))


def test_a_lock_ends_when_the_first_of_the_wrong_pins_is_old_enough(line: Line, waiting: SheetId) -> None:
    """What is refused meanwhile does not lengthen it."""
    guess(line, waiting, 5)
    until = refused(line.authorize(waiting), PinLocked).until
    while line.now < until - timedelta(seconds=60):
        line.pass_time(60)
        assert refused(line.authorize(waiting, pin="0000"), PinLocked).until == until
    line.pass_time(60)
    done(line.authorize(waiting))


def test_a_guesser_who_waits_gets_no_more_than_five_in_any_fifteen_minutes(line: Line, waiting: SheetId) -> None:
    """The window moves with the clock."""
    wrong: list[datetime] = []
    for _ in range(90):
        line.pass_time(60)
        if isinstance(line.authorize(waiting, pin="0000"), PinWrong):
            wrong.append(line.now)
    assert len(wrong) > 10
    for moment in wrong:
        assert sum(moment - timedelta(minutes=15) < other <= moment for other in wrong) <= 5


def test_a_lock_is_the_person_s_not_the_shop_s(line: Line, waiting: SheetId) -> None:
    """Another manager authorizes the set."""
    guess(line, waiting, 5)
    refused(line.authorize(waiting), PinLocked)
    done(line.authorize(waiting, manager=OTHER_MANAGER))


def test_a_new_pin_ends_the_lock_of_the_old_one(line: Line, waiting: SheetId) -> None:
    """What was guessed at is not the PIN any more."""
    guess(line, waiting, 5)
    refused(line.authorize(waiting), PinLocked)
    done(line.ask(SetOperatorPin, by=None, badge=MANAGER, secret=pins.hash_pin("8642", b"a" * 16)))
    refused(line.authorize(waiting), PinWrong)
    done(line.authorize(waiting, pin="8642"))


def test_a_right_pin_does_not_begin_a_new_count(line: Line, waiting: SheetId) -> None:
    """Or a guesser could go on whenever the manager authorized something."""
    guess(line, waiting, 4)
    done(line.authorize(waiting))
    newer = line.replace(line.tray(waiting).gathered[1])
    line.complete(waiting)
    assert newer in line.tray(waiting).gathered.values()
    refused(line.authorize(waiting, pin="0000"), PinWrong)
    refused(line.authorize(waiting), PinLocked)


def test_a_shop_may_lock_sooner_and_for_longer(line: Line, waiting: SheetId) -> None:
    """As kiosk.toml says."""
    line.policy = ShopPolicy(most_wrong_pins=1, pin_lock_minutes=60)
    guess(line, waiting, 1)
    assert refused(line.authorize(waiting), PinLocked).until == line.now + timedelta(minutes=60)


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
