"""The codec: what the log says today can be read for ever, and nothing from outside breaks it."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from core.domain.events import EVENT_TYPES, SheetVoided
from core.domain.rejections import BarcodeProblem, Rejection, UnknownBarcode
from core.domain.values import VoidReason
from store import codec, errors
from tests.support.samples import sample

GOLDENS = Path(__file__).parent / "goldens" / "events.json"


def _goldens() -> dict[str, dict[str, Any]]:
    return json.loads(GOLDENS.read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_an_event_is_written_as_its_golden_says(name: str) -> None:
    """A renamed or retyped field needs a new schema version and an upcaster, not a new golden."""
    event = sample(EVENT_TYPES[name])
    key = f"{name} {codec.SCHEMA_VERSIONS[name]}"
    assert json.loads(codec.encode_event(event)) == _goldens()[key]


@pytest.mark.parametrize("key", sorted(_goldens()))
def test_every_payload_that_was_ever_written_is_read(key: str) -> None:
    """Each golden, of today's version or of an older one, becomes today's class."""
    name, version = key.split()
    event = codec.decode_event(name, int(version), json.dumps(_goldens()[key]).encode())
    assert type(event) is EVENT_TYPES[name]
    if int(version) == codec.SCHEMA_VERSIONS[name]:
        assert event == sample(EVENT_TYPES[name])


def test_an_old_version_is_upcast_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Upcasters run from the version that was written to today's, one after the other."""
    monkeypatch.setitem(codec.SCHEMA_VERSIONS, "SheetVoided", 3)
    monkeypatch.delitem(codec._CURRENT, ("SheetVoided", 1))
    monkeypatch.setitem(codec.UPCASTERS, ("SheetVoided", 1), lambda said: {**said, "note": "no note"})
    monkeypatch.setitem(codec.UPCASTERS, ("SheetVoided", 2), lambda said: {**said, "note": said["note"] + "!"})
    old = json.loads(codec.encode_event(sample(SheetVoided)))
    del old["note"]
    event = codec.decode_event("SheetVoided", 1, json.dumps(old).encode())
    assert isinstance(event, SheetVoided)
    assert event.note == "no note!"
    assert event.reason is VoidReason.OTHER


@pytest.mark.parametrize(("name", "version"), [("SheetVoided", 2), ("CardUnitSold", 1)])
def test_an_event_of_a_newer_program_is_named(name: str, version: int) -> None:
    """A newer schema version, or a type that this program does not know, is no crash but an own error."""
    with pytest.raises(errors.EventFromTheFuture):
        codec.decode_event(name, version, b"{}")


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b'{"sheet_id": 7}', b"\xff", b"null"])
def test_a_payload_that_is_none_is_called_damaged(payload: bytes) -> None:
    """Whatever stands in the log, reading it ends in an own error."""
    with pytest.raises(errors.LogDamaged):
        codec.decode_event("SheetVoided", 1, payload)


@pytest.mark.parametrize("kind", get_args(Rejection), ids=lambda kind: kind.__name__)
def test_a_refusal_comes_back_as_it_was(kind: type[Any]) -> None:
    """Every kind of refusal can be stored as the answer to its command id."""
    refusal = sample(kind)
    assert codec.decode_rejection(codec.encode_rejection(refusal)) == refusal


@pytest.mark.parametrize("text", ["\x00", "\x1b[31m", "[red]", "\ud800", "’ \u202e", "x" * 10_000])
def test_a_refusal_of_hostile_text_can_be_kept(text: str) -> None:
    """NUL, escape sequences, markup, half a surrogate and very long codes are kept, if need be escaped."""
    refusal = UnknownBarcode(text=text, problem=BarcodeProblem.UNPRINTABLE)
    kept = codec.decode_rejection(codec.encode_rejection(refusal))
    assert isinstance(kept, UnknownBarcode)
    assert kept.text in (text, "\\ud800")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("J1044", "J1044"), ("\x00\x1b", "\\x00\\x1b"), ("\ud800", "\\ud800"), ("y" * 300, "y" * 255 + "…")],
)
def test_scanned_text_is_kept_readable(text: str, shown: str) -> None:
    """Control characters are escaped and what is very long is cut."""
    assert codec.visible(text) == shown
