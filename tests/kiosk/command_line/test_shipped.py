"""What left the house, as the office asks for it: by the card, by the box, and by a second attempt to ship it."""

import asyncio
import json
from pathlib import Path

import pytest

from core.domain.commands import ShipPack
from kiosk.cli.program import main
from store import Store
from tests.core.shop import LEAD
from tests.store.test_packs import PALLET, a_loaded_pallet
from tests.support.floor import Floor

CARD, BOX = "J1001-S001-01", "J1001-BX001"


@pytest.fixture
def asked(
    database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> pytest.CaptureFixture[str]:
    """A shop that has shipped a pallet, and what the office's commands print about it."""
    monkeypatch.setenv("KIOSK_DSN", database_dsn)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    async def shipped() -> None:
        async with await Store.open(database_dsn) as store:
            floor = await Floor(store).furnish()
            await a_loaded_pallet(floor)
            await floor.accept(
                ShipPack(
                    at=floor.now,
                    operator_id=LEAD,
                    station_id=None,
                    pack_id=PALLET,
                    carrier="A carrier",
                    tracking_reference="1Z",
                )
            )

    asyncio.run(shipped())
    return capsys


@pytest.mark.parametrize("unit", [CARD, f"{CARD[:10]}-SET", BOX, "CS000001"])
def test_whatever_left_the_house_in_a_container_says_with_whom(asked: pytest.CaptureFixture[str], unit: str) -> None:
    """Given a shipped pallet, when something in it is asked for, then carrier, reference and pallet are told."""
    assert main(["where", unit]) == 0
    (line,) = (line for line in asked.readouterr().out.splitlines() if "shipped by" in line)
    assert "A carrier, 1Z, " in line
    assert line.endswith(f"in {PALLET}")
    assert main(["where", unit, "--json"]) == 0
    assert json.loads(asked.readouterr().out)["shipped_in"]["pack_id"] == PALLET


def test_what_is_in_the_house_is_not_said_to_be_shipped(asked: pytest.CaptureFixture[str]) -> None:
    """Given a sheet that is still to be printed, then nothing is said of a carrier."""
    assert main(["where", "J1001-S002"]) == 0
    assert "shipped" not in asked.readouterr().out


@pytest.mark.parametrize("unit", [CARD, f"{CARD[:10]}-SET", BOX, "CS000001"])
def test_the_life_of_a_unit_ends_with_what_took_it_away(asked: pytest.CaptureFixture[str], unit: str) -> None:
    """Given a shipped pallet, then the history of what is in it goes on with its box, its case and the pallet."""
    assert main(["history", unit]) == 0
    told = [line for line in asked.readouterr().out.splitlines() if line.strip()]
    places = [next(n for n, line in enumerate(told) if all(word in line for word in words)) for words in _LAST]
    assert places == sorted(places)
    assert places[-1] == len(told) - 1


def test_its_own_life_ends_with_its_own_facts(asked: pytest.CaptureFixture[str]) -> None:
    """Given a shipped pallet, when a box is asked for its own life alone, then nobody shipped it."""
    assert main(["history", BOX, "--own"]) == 0
    assert "A carrier" not in asked.readouterr().out


_LAST = ((f"{BOX} in CS000001",), (f"CS000001 in {PALLET}",), ("shipped", "A carrier, 1Z"))


def test_shipping_again_says_when_and_by_whom_it_was_shipped(asked: pytest.CaptureFixture[str]) -> None:
    """Given a shipped pallet, when it is shipped again, then the refusal says what happened to it."""
    assert main(["pack", "ship", PALLET, "--carrier", "Another", "--tracking", "2Z", "--as", LEAD]) == 1
    said = asked.readouterr().err
    assert f"Refused: {PALLET} is shipped already." in said
    assert f"It was shipped by {LEAD} with A carrier, 1Z, " in said
    assert "eal" not in said
