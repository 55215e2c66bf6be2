"""Two papers never lie at one place of a packed set, whatever was laid into its tray while nobody could be asked."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from core.domain.commands import (
    AuthorizeReplacementSet,
    CreateReplacement,
    ReportHeldScan,
    VoidCardUnit,
)
from core.domain.rejections import RefusedCardsInSet, SetIncomplete
from core.domain.values import VoidReason
from core.identity.ids import CardUnitId, CommandId, assembly_of_card
from core.production.requests import Request
from core.production.scan import Scan
from kiosk.snapshots.dialogs import LogOnView
from kiosk.snapshots.frame import ConnectionState
from kiosk.snapshots.keys import Intent
from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.snapshots.work import AssemblyView, PackingView
from store import Answer, Store
from store.errors import StoreUnavailable
from tests.core.shop import ASSEMBLY, ASSEMBLY_2, INSPECTOR, LEAD, MANAGER, OFFICE, OPERATOR, PACKING, PIN, spec
from tests.kiosk.station_session.bench import Station
from tests.kiosk.station_session.conftest import OpenStation
from tests.kiosk.station_session.outage import Terminal, delivered, facts, listed
from tests.support.floor import Floor

Began = tuple[tuple[CardUnitId, ...], Station]


async def begun(floor: Floor, terminal: Terminal, *, n_up: int = 4, gathered: int = 1) -> Began:
    """A tray with its first cards in it, at a station whose line is cut now; the next two cards have passed QA."""
    cards = await floor.cut(await floor.start(spec(n_up=n_up, rows=2)))
    for card in cards[: gathered + 2]:
        await floor.inspect(card)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan_all(*cards[:gathered])
    await station.shows(lambda shown: isinstance(shown.work, AssemblyView) and shown.work.grid)
    terminal.cable_out()
    return cards, station


async def replaced(floor: Floor, card: CardUnitId) -> CardUnitId:
    """A lead voids a card and has it made anew; the new one passes QA."""
    at: dict[str, Any] = {
        "at": floor.now,
        "operator_id": LEAD,
        "station_id": OFFICE.station_id,
        "card_unit_id": card,
    }
    await floor.accept(VoidCardUnit(**at, reason=VoidReason.DAMAGED, note=""))
    await floor.accept(CreateReplacement(**at))
    spare = CardUnitId(f"{card}-R1")
    await floor.inspect(spare)
    return spare


async def refused_in_tray(floor: Floor, card: CardUnitId) -> None:
    """A card was laid into its tray offline, and is refused now that it is delivered."""
    await floor.accept(
        ReportHeldScan(
            at=floor.now,
            operator_id=OPERATOR,
            station_id=ASSEMBLY.station_id,
            at_station=ASSEMBLY.station_id,
            held=CommandId("held"),
            kind="Scan",
            scanned=card,
            scanned_at=floor.now,
            refusal="NotPassedQA",
            reason="",
            in_tray=card,
        )
    )


def notes(shown: StationSnapshot) -> list[str]:
    """What stands beside the sets in a packing station's queue."""
    return [line.note for line in shown.work.queue.ready] if isinstance(shown.work, PackingView) else []


async def gathered(floor: Floor, card: CardUnitId) -> tuple[str, ...]:
    """The cards that lie in the tray of a card, as the log has it."""
    row = await floor.store.assembly(f"{card[:10]}-SET")
    assert row is not None
    return row.gathered


def to_pack(shown: StationSnapshot) -> list[str]:
    """Where the sets are that a packing station's job lacks."""
    return [line.where for line in shown.work.missing.lines] if isinstance(shown.work, PackingView) else []


async def test_a_card_that_was_refused_on_delivery_guards_its_place_until_it_is_settled(
    floor: Floor, terminal: Terminal
) -> None:
    """The set knows of it: its row folds, its place is closed, and settling opens it again."""
    cards, station = await begun(floor, terminal)
    await station.scan(cards[1])
    spare = await replaced(floor, cards[1])
    await terminal.cable_in()
    await delivered(station)
    assert (await facts(floor, f"{cards[0][:10]}-SET"))[-1] == "HeldScanRefused"
    said = await station.scan(spare)
    assert (said.state, said.words) == (VerdictState.ATTENTION, "TAKE IT OUT FIRST")
    await station.scan("CMD-SETTLE")
    await station.scan("CMD-YES")
    assert (await facts(floor, f"{cards[0][:10]}-SET"))[-1] == "HeldScanSettled"
    assert (await station.scan(spare)).state is VerdictState.ACCEPTED
    assert await gathered(floor, spare) == (cards[0], spare)
    assert (await floor.store.verify()).is_sound


async def test_a_refused_card_guards_its_place_however_long_the_list_is(floor: Floor, terminal: Terminal) -> None:
    """A bad outage: more was refused than any screen shows."""
    cards, station = await begun(floor, terminal, n_up=26)
    await station.scan(cards[1])
    # None of these has passed QA.
    await station.scan_all(*cards[3:])
    spare = await replaced(floor, cards[1])
    await terminal.cable_in()
    await delivered(station)
    assert len(await listed(floor, ASSEMBLY)) == 24
    assert (await station.scan(spare)).words == "TAKE IT OUT FIRST"


async def test_a_refused_card_guards_its_place_whatever_the_scanner_sends_before_its_code(
    floor: Floor, terminal: Terminal
) -> None:
    """An AIM identifier is no part of a code."""
    cards, station = await begun(floor, terminal)
    await station.scan(f"]d2{cards[1]}")
    spare = await replaced(floor, cards[1])
    await terminal.cable_in()
    await delivered(station)
    assert (await station.scan(f"]d2{spare}")).words == "TAKE IT OUT FIRST"


async def test_a_scan_that_waited_for_the_delivery_meets_the_guard(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was queued before the list was read again; the log knows before any screen does."""
    cards, station = await begun(floor, terminal)
    await station.scan(cards[1])
    spare = await replaced(floor, cards[1])
    run, may_go = Store.run, asyncio.Event()

    async def slow(store: Store, request: Request, *, command_id: UUID | None = None) -> Answer:
        if isinstance(request, Scan) and request.text == cards[1]:
            await may_go.wait()
        return await run(store, request, command_id=command_id)

    monkeypatch.setattr(Store, "run", slow)
    await terminal.cable_in()
    await station.shows(lambda shown: shown.header.connection is ConnectionState.ONLINE)
    station.scan_at_once(f"{cards[0][:10]}-SET")
    station.scan_at_once(spare)
    may_go.set()
    await delivered(station)
    assert await gathered(floor, spare) == (cards[0],)


async def test_a_refused_card_guards_its_place_through_a_restart_without_the_database(
    floor: Floor, terminal: Terminal
) -> None:
    """What the terminal forgot the log has: the second card is kept, and refused when it is delivered."""
    cards, station = await begun(floor, terminal)
    await station.scan(cards[1])
    spare = await replaced(floor, cards[1])
    await terminal.cable_in()
    await delivered(station)
    terminal.cable_out()
    await terminal.kill()
    again = await terminal.start(ASSEMBLY, wait=False)
    await again.log_on(OPERATOR)
    await again.scan(spare)
    await terminal.cable_in()
    await delivered(again)
    assert [each.refusal for each in await listed(floor, ASSEMBLY)] == ["CardVoided", "RefusedCardInTray"]
    assert await gathered(floor, spare) == (cards[0],)


async def test_a_second_card_for_the_place_of_a_kept_one_is_not_kept(floor: Floor, terminal: Terminal) -> None:
    """Nobody can say which of them is right: the second is laid aside, and the place is closed after the delivery."""
    cards, station = await begun(floor, terminal)
    assert (await station.scan(cards[1])).state is VerdictState.OFFLINE
    spare = await replaced(floor, cards[1])
    said = await station.scan(spare)
    assert (said.state, said.words, cards[1] in said.instruction) == (VerdictState.ATTENTION, "PLACE IS TAKEN", True)
    await station.scan(cards[2])
    await terminal.cable_in()
    await delivered(station)
    assert await gathered(floor, spare) == (cards[0], cards[2])
    assert [each.scanned for each in await listed(floor, ASSEMBLY)] == [cards[1]]
    assert (await station.scan(spare)).words == "TAKE IT OUT FIRST"


async def test_a_card_that_was_kept_for_its_tray_is_not_kept_twice(floor: Floor, terminal: Terminal) -> None:
    """Delivered when the card was taken out again, the second scan would say that it lies there."""
    cards, station = await begun(floor, terminal)
    assert (await station.scan(cards[1])).state is VerdictState.OFFLINE
    said = await station.scan(cards[1])
    assert (said.state, said.words, cards[1] in said.instruction) == (VerdictState.ATTENTION, "KEPT ALREADY", True)
    assert (await station.scan(cards[2])).words == "SAVED, 2 KEPT HERE"
    await terminal.cable_in()
    await delivered(station)
    assert await gathered(floor, cards[1]) == cards[:3]
    assert not await listed(floor, ASSEMBLY)


async def test_a_set_with_an_unsettled_card_is_not_packed(floor: Floor, terminal: Terminal) -> None:
    """Neither while its place is empty in the log, nor once it looks complete."""
    cards, station = await begun(floor, terminal, n_up=2)
    await station.scan(cards[1])
    spare = await replaced(floor, cards[1])
    await terminal.cable_in()
    await delivered(station)
    set_label, box = f"{cards[0][:10]}-SET", f"{cards[0][:5]}-BX001"
    await floor.scan(PACKING, box)
    assert isinstance(await floor.scan(PACKING, set_label, open_pack=box), SetIncomplete)
    await station.scan("CMD-SETTLE")
    await station.scan("CMD-YES")
    terminal.cable_out()
    await station.scan(cards[1])
    await floor.scan(ASSEMBLY, spare, open_assembly=set_label)
    await terminal.cable_in()
    await delivered(station)
    assert await gathered(floor, spare) == (cards[0], spare)
    assert isinstance(await floor.scan(PACKING, set_label, open_pack=box), RefusedCardsInSet)


async def test_f7_asks_about_the_refused_card_that_is_in_the_way(floor: Floor, terminal: Terminal) -> None:
    """Not about the newest of the list: whoever stands before the tray has met another one."""
    cards, station = await begun(floor, terminal)
    await station.scan(cards[1])
    await station.scan(cards[3])
    spare = await replaced(floor, cards[1])
    await terminal.cable_in()
    await delivered(station)
    assert [each.scanned for each in await listed(floor, ASSEMBLY)] == [cards[1], cards[3]]
    assert (await station.scan(spare)).words == "TAKE IT OUT FIRST"
    await station.press(Intent.SETTLE)
    assert station.question.title == f"REFUSED: {cards[1]}"
    await station.answer("settled")
    await station.press(Intent.SETTLE)
    assert station.question.title == f"REFUSED: {cards[3]}"


async def test_f7_asks_about_the_card_in_the_way_whoever_is_logged_on_by_then(floor: Floor, terminal: Terminal) -> None:
    """Given a card that is in the way, when a badge is withdrawn or refused, then F7 asks about that card still."""
    cards, station = await begun(floor, terminal)
    await station.scan_all(cards[1], cards[3])
    spare = await replaced(floor, cards[1])
    await terminal.cable_in()
    await delivered(station)
    assert (await station.scan(spare)).words == "TAKE IT OUT FIRST"
    await floor.register(OPERATOR)
    await station.shows(lambda shown: isinstance(shown.work, LogOnView))
    await station.scan_all(OPERATOR, INSPECTOR)
    await station.press(Intent.SETTLE)
    assert station.question.title == f"REFUSED: {cards[1]}"


async def test_f7_asks_about_the_tray_on_the_screen_before_any_other(floor: Floor, terminal: Terminal) -> None:
    """Both sets were laid in offline; the older one's tray is open now."""
    cards, station = await begun(floor, terminal)
    await station.scan(cards[3])
    other = await floor.cut(await floor.start(spec(), job="J1045", order="PO2026-0118"))
    await terminal.cable_in()
    await delivered(station)
    await floor.inspect(other[0])
    await station.scan_all(f"{other[0][:10]}-SET", other[0])
    terminal.cable_out()
    await station.scan(other[1])
    await terminal.cable_in()
    await delivered(station)
    await station.press(Intent.SETTLE)
    assert station.question.title == f"REFUSED: {other[1]}"
    await station.answer("")
    await station.scan(f"{cards[0][:10]}-SET")
    await station.press(Intent.SETTLE)
    assert station.question.title == f"REFUSED: {cards[3]}"


async def test_what_stands_on_another_station_s_list_is_settled_where_the_tray_is(
    floor: Floor, terminal: Terminal, open_station: OpenStation
) -> None:
    """The tray was carried on, and the refused card with it."""
    cards, station = await begun(floor, terminal)
    await station.scan(cards[1])
    spare = await replaced(floor, cards[1])
    await terminal.cable_in()
    await delivered(station)
    there = await open_station(ASSEMBLY_2, by=OPERATOR)
    await there.scan_all(f"{cards[0][:10]}-SET", spare)
    assert there.verdict.words == "TAKE IT OUT FIRST"
    assert Intent.SETTLE in {key.intent for key in there.shown.footer.keys}
    await there.press(Intent.SETTLE)
    assert there.question.title == f"REFUSED: {cards[1]}"
    await there.answer("settled")
    await there.scan(spare)
    assert await gathered(floor, spare) == (cards[0], spare)
    assert Intent.SETTLE not in {key.intent for key in there.shown.footer.keys}


async def test_the_packing_queue_says_of_a_set_that_a_refused_card_holds_it_up(
    floor: Floor, terminal: Terminal, open_station: OpenStation
) -> None:
    """Before it is scanned: it looks complete, and what is to be done first is done at another station."""
    cards, station = await begun(floor, terminal, n_up=2)
    await station.scan(cards[1])
    await terminal.kill()
    spare = await replaced(floor, cards[1])
    set_label = f"{cards[0][:10]}-SET"
    await floor.scan(ASSEMBLY, spare, open_assembly=set_label)
    packing = await open_station(PACKING, by=OPERATOR)
    await packing.shows(lambda shown: notes(shown) == ["needs a manager"])
    await terminal.cable_in()
    assembly = await terminal.start(ASSEMBLY, by=OPERATOR)
    await delivered(assembly)
    await packing.shows(lambda shown: notes(shown) == ["F7 at ASSY-1"])
    await packing.shows(
        lambda shown: shown.verdict.instruction == "1 set may hold a refused card: settle it with F7 at ASSY-1"
    )
    await packing.shows(lambda shown: to_pack(shown) == ["REFUSED CARD: F7 AT ASSY-1"])
    await assembly.scan_all("CMD-SETTLE", "CMD-YES")
    await packing.shows(lambda shown: notes(shown) == ["needs a manager"])


async def test_a_set_that_was_authorized_before_it_was_told_of_a_refused_card_is_not_offered(
    floor: Floor, open_station: OpenStation
) -> None:
    """No manager is waited for, and yet nothing is to be packed before it is settled."""
    card, other = await floor.cut(await floor.start(spec(n_up=2, rows=1)))
    await floor.inspect(card)
    spare = await replaced(floor, other)
    tray = assembly_of_card(card)
    await floor.gather((card, spare), tray)
    await floor.accept(
        AuthorizeReplacementSet(
            at=floor.now,
            operator_id=MANAGER,
            station_id=ASSEMBLY.station_id,
            assembly_id=tray,
            manager=MANAGER,
            pin=PIN,
        )
    )
    packing = await open_station(PACKING, by=OPERATOR)
    packing.pass_time(5)
    await packing.shows(lambda shown: shown.verdict.words == "SCAN A BOX")
    await refused_in_tray(floor, other)
    await packing.shows(lambda shown: shown.verdict.words == "NO SET TO PACK YET")
    assert packing.verdict.instruction == "1 set may hold a refused card: settle it with F7 at ASSY-1"


async def test_a_kept_scan_of_a_card_that_was_voided_in_its_tray_does_not_say_that_it_is_out(
    floor: Floor, terminal: Terminal
) -> None:
    """It was scanned once more in the outage and left where it lay: the tray says TAKE IT OUT still."""
    cards, station = await begun(floor, terminal)
    assert (await station.scan(cards[0])).state is VerdictState.OFFLINE
    spare = await replaced(floor, cards[0])
    await terminal.cable_in()
    await delivered(station)
    assert "VoidedCardTakenOut" not in await facts(floor, f"{cards[0][:10]}-SET")
    assert (await station.scan(spare)).words == "VOID CARD IN TRAY"


async def test_a_void_card_that_was_recorded_as_out_and_shown_as_saved_is_looked_for_in_its_tray(
    floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody was told to put it aside: its place takes no other card until somebody looked."""
    card, *_ = await floor.cut(await floor.start(spec()))
    await floor.inspect(card)
    station = await terminal.start(ASSEMBLY, by=OPERATOR)
    await station.scan(card)
    spare = await replaced(floor, card)
    run = Store.run

    async def unheard(store: Store, request: Request, *, command_id: UUID | None = None) -> Answer:
        answer = await run(store, request, command_id=command_id)
        if store is station.store:
            monkeypatch.undo()
            terminal.cable_out()
            raise StoreUnavailable("the answer was lost", outcome_unknown=True)
        return answer

    monkeypatch.setattr(Store, "run", unheard)
    assert (await station.scan(card)).state is VerdictState.OFFLINE
    assert "VoidedCardTakenOut" in await facts(floor, f"{card[:10]}-SET")
    await terminal.cable_in()
    await delivered(station)
    (left,) = await listed(floor, ASSEMBLY)
    assert (left.refusal, left.in_tray) == ("VoidCardLeftInTray", card)
    assert (await station.scan(spare)).words == "TAKE IT OUT FIRST"
    await station.scan_all("CMD-SETTLE", "CMD-YES")
    assert (await station.scan(spare)).state is VerdictState.ACCEPTED


async def test_a_refused_card_that_is_gathered_after_all_holds_its_set_up_no_longer(floor: Floor) -> None:
    """As the set itself has it: its list is settled later, and packing does not wait for that."""
    card, *_ = await floor.cut(await floor.start(spec()))
    tray = f"{card[:10]}-SET"
    await refused_in_tray(floor, card)
    (held_up,) = await floor.store.sets_with_refused_cards([tray, "J9999-S001-SET"])
    assert (held_up.assembly_id, held_up.refused, held_up.at_stations) == (tray, (card,), (ASSEMBLY.station_id,))
    await floor.inspect(card)
    await floor.scan(ASSEMBLY, card, open_assembly=tray)
    assert await gathered(floor, card) == (card,)
    assert await floor.store.sets_with_refused_cards([tray]) == ()
