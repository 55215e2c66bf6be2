"""What is searched: everything that reads what a scanner, a person, a file or the log says, without a database."""

import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec

from core.domain.events import EVENT_TYPES
from core.domain.rejections import UnknownBarcode
from core.identity import ids
from core.production.barcodes import _read_lately, plain, read_barcode
from kiosk.cli.exits import UsageError
from kiosk.cli.times import parse_moment
from kiosk.config.file import load_config
from kiosk.printable import shown
from kiosk.qa_entry import Fail, QaCatalogue, QaCode, QaEntry, entry_view, press
from kiosk.scanner.decoder import CapsLock, DecoderSettings, KeyDecoder, Suffix
from kiosk.scanner.layouts import LAYOUTS
from kiosk.scanner.verdicts import Scan, ScanFault, Verdict, explain
from kiosk.scanner.wedge import TypedKeys, Wedge
from kiosk.shop_files import load_operators, load_orders, load_specs, load_stations
from kiosk.toml_files import FileRefused
from store.address import DatabaseAddress
from store.codec import decode_event, decode_rejection, encode_event, encode_rejection, visible
from store.errors import DatabaseAddressWrong, EventFromTheFuture, LogDamaged, UnstorableText
from tests.fuzz.held import HELD_TARGETS
from tests.fuzz.loop import Target

NOW: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HARMLESS: Final = frozenset({"L", "M", "N", "P", "S"})
ROOT: Final = Path(__file__).parents[2]


def text_of(given: bytes) -> str:
    """Return any bytes as text that may hold everything that Python's can, half surrogates too."""
    try:
        return given.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return given.decode("latin-1")


def steers_no_terminal(text: str, *, lines: bool = False) -> None:
    """Fail where a text holds anything but characters that take a cell, and blanks; ``lines`` allows line ends."""
    for character in text:
        if character == " " or (lines and character == "\n"):
            continue
        assert unicodedata.category(character)[0] in HARMLESS, (character, text[:200])


# -- ids and barcodes -------------------------------------------------------------------


_PARSERS: Final = (
    ids.parse_order_id, ids.parse_job_id, ids.parse_sheet_id, ids.parse_card_unit_id, ids.parse_assembly_id,
    ids.parse_pack_id, ids.parse_operator_id, ids.parse_station_id, ids.parse_spec_code, ids.parse_operation_code,
)  # fmt: skip


def check_ids(given: bytes) -> None:
    """An id is what its canonical text says, in ASCII, and gives its parents; anything else is no id."""
    text = text_of(given)
    for parse in _PARSERS:
        found = parse(text)
        if found is not None:
            assert found.isascii(), found
            assert found == ids.canonical(text) == parse(found), found
            assert len(found) <= ids.MAX_ID_LENGTH
    card, sheet = ids.parse_card_unit_id(text), ids.parse_sheet_id(text)
    if card is not None:
        assert ids.parse_sheet_id(ids.sheet_of(card)) == ids.sheet_of(card)
        assert ids.job_of(card) == ids.job_of_sheet(ids.sheet_of(card))
        assert ids.MIN_N_UP <= ids.position_of(card) <= ids.MAX_N_UP
        assert ids.original_of(ids.original_of(card)) == ids.original_of(card)
    if sheet is not None:
        assert ids.sheet_id(ids.job_of_sheet(sheet), ids.sheet_number(sheet)) == sheet
        assert ids.sheet_of_assembly(ids.assembly_of(sheet)) == sheet
    pack = ids.parse_pack_id(text)
    if pack is not None:
        ids.job_of_pack(pack)


def check_barcodes(given: bytes) -> None:
    """Every code is read as something, twice as the same, and what is shown or kept of it is harmless."""
    text = text_of(given)
    read = read_barcode(text)
    assert read == read_barcode(text)
    plain(text)
    steers_no_terminal(shown(text, 40))
    kept = visible(text)
    assert len(kept) <= 256
    assert kept.isprintable()
    kept.encode()
    if isinstance(read, UnknownBarcode):
        decode_rejection(encode_rejection(read))


# -- scanners and keys --------------------------------------------------------------------


def _is_whole(verdict: Verdict | TypedKeys, longest: int) -> None:
    if isinstance(verdict, Scan):
        assert 0 < len(verdict.text) <= longest, verdict
        assert verdict.began <= verdict.ended
    elif isinstance(verdict, ScanFault):
        steers_no_terminal(verdict.shown)
        steers_no_terminal(verdict.detail)
        steers_no_terminal(explain(verdict))


_LAYOUT_NAMES: Final = sorted(LAYOUTS)
_SUFFIXES: Final = sorted(Suffix)
_CAPS: Final = sorted(CapsLock)


def check_decoder(given: bytes) -> None:
    """Any sequence of keys, losses and pauses gives whole codes or refusals, none longer than a code may be."""
    first, second, *rest = given.ljust(2, b"\0")
    settings = DecoderSettings(
        layout=_LAYOUT_NAMES[first % len(_LAYOUT_NAMES)],
        suffix=_SUFFIXES[second % len(_SUFFIXES)],
        caps_lock=_CAPS[second // 8 % len(_CAPS)],
        prefix="$" if second & 0x80 and first & 1 else "",
        longest=16,
    )
    decoder = KeyDecoder(settings)
    at = 100.0
    verdicts: list[Verdict] = []
    for code, what in zip(rest[::2], rest[1::2], strict=False):
        at += 0.001 if what & 0x0F else 0.4
        match what >> 4:
            case 13:
                decoder.dropped(at)
            case 14:
                verdicts += decoder.unplugged(at)
                decoder.opened(at)
            case 15:
                verdicts += decoder.expire(at)
            case pressed:
                verdicts += decoder.key(code | (0x100 if pressed == 12 else 0), pressed % 3, at)
        assert decoder.deadline is None or decoder.deadline >= 100.0
    verdicts += decoder.expire(at + 10)
    for verdict in verdicts:
        _is_whole(verdict, 16)


_KEY_NAMES: Final = ("enter", "tab", "escape", "backspace", "ctrl+j", "f2", "up", "ctrl+m", "space")


def check_wedge(given: bytes) -> None:
    """Typed and pasted text gives whole codes, refusals or keys, and its echo is harmless."""
    wedge = Wedge(DecoderSettings(), keep_typing=bool(given[:1] and given[0] & 1))
    at = 100.0
    seen: list[Verdict | TypedKeys] = []
    for number, character in enumerate(text_of(given[1:])):
        at += (0.001, 0.2, 4.0)[(ord(character) + number) % 7 % 3]
        if ord(character) < len(_KEY_NAMES):
            seen += wedge.key(_KEY_NAMES[ord(character)], None, at)
        elif ord(character) % 31 == 30:
            seen += wedge.paste(character * 3 + "\n" + character, at)
        else:
            seen += wedge.key(character, character, at)
        steers_no_terminal(wedge.entry)
    seen += wedge.expire(at + 10)
    for verdict in seen:
        _is_whole(verdict, 64)


_CATALOGUE: Final = QaCatalogue(
    codes=tuple(
        QaCode(code=code, words=words, synonyms=("kratzer",), note="major")
        for code, words in (("F-201", "scratch"), ("F-301", "centring"), ("S-201", "Ärger"), ("P-999", "other"))
    ),
    favourites=("F-201", "P-999"),
)


def check_qa(given: bytes) -> None:
    """No key but + and Enter judges, a failure has codes that the shop has, and what was typed stays short."""
    entry = QaEntry()
    for character in text_of(given):
        key = _KEY_NAMES[ord(character)] if ord(character) < len(_KEY_NAMES) else character
        entry, verdict = press(entry, key, _CATALOGUE)
        assert verdict is None or key in {"+", "enter"}
        if isinstance(verdict, Fail):
            assert verdict.codes
            assert all(_CATALOGUE.find(code) for code in verdict.codes)
        view = entry_view(entry, _CATALOGUE)
        assert len(entry.typed) <= 24 * 3  # a letter may have three in upper case
        assert view.typed.isprintable()
        assert view.problem.isprintable()


# -- the log -------------------------------------------------------------------------------


_TYPES: Final = sorted(EVENT_TYPES)


def check_codec(given: bytes) -> object:
    """A payload is an event, or the log is damaged or newer; an event that was read can be written and read again."""
    kind, version, payload = _TYPES[given[0] % len(_TYPES)] if given else "New", 1, given[1:]
    if given[:1] == b"\xff":
        kind, version = text_of(given[1:9]), 2
    try:
        event = decode_event(kind, version, payload)
    except LogDamaged as damaged:
        return re.sub(r"[^a-z ]", "", damaged.detail.partition(" - at ")[0])[:60]
    except EventFromTheFuture:
        return EventFromTheFuture
    try:
        written = encode_event(event)
    except UnstorableText:
        return UnstorableText
    assert decode_event(kind, version, written) == event
    msgspec.json.decode(written)
    return kind


# -- files, arguments ---------------------------------------------------------------------------


_FOLDER: Final = TemporaryDirectory(prefix="kiosk-fuzz-")


def _file(given: bytes) -> Path:
    path = Path(_FOLDER.name) / "file.toml"
    path.write_bytes(given)
    return path


def check_files(given: bytes) -> None:
    """A file is taken or refused with sentences that steer no terminal; what is taken holds clean names."""
    path = _file(given)
    for load in (load_specs, load_orders, load_stations, load_operators):
        try:
            commands: tuple[Any, ...] = load(path, at=NOW)
        except FileRefused as refused:
            steers_no_terminal(refused.explain(), lines=True)
            continue
        assert commands
        for command in commands:
            for said in _texts(msgspec.to_builtins(command)):
                steers_no_terminal(said)


def check_config(given: bytes) -> None:
    """The same for kiosk.toml."""
    try:
        config = load_config(_file(given))
    except FileRefused as refused:
        steers_no_terminal(refused.explain(), lines=True)
        return
    for station in config.stations:
        for said in _texts(msgspec.to_builtins(station.definition())):
            steers_no_terminal(said)


def _texts(said: Any) -> list[str]:
    if isinstance(said, str):
        return [said]
    if isinstance(said, dict):
        return [text for value in said.values() for text in _texts(value)]
    if isinstance(said, list | tuple):
        return [text for value in said for text in _texts(value)]
    return []


def check_moments(given: bytes) -> None:
    """A moment that a person types is one, in UTC, or refused in a sentence."""
    try:
        moment = parse_moment(text_of(given), now=NOW, zone=UTC)
    except UsageError as refused:
        steers_no_terminal(str(refused))
    else:
        assert moment.tzinfo is UTC


def check_address(given: bytes) -> None:
    """An address is taken apart or refused, without a word of it."""
    text = text_of(given)
    try:
        address = DatabaseAddress.of(text)
    except DatabaseAddressWrong:
        return
    secret = address.named.get("password", "")
    if len(secret) > 8:
        assert secret not in address.without_secrets(text)


_IDS: Final = (
    b"J1044", b"J1044-S003", b"J1044-S003-07", b"J1044-S003-07-R1", b"J1044-S003-SET", b"J1044-BX001", b"CS000001",
    b"PL000001", b"OP-42", b"PO2026-0117", b"CMD-RESET", b"CMD-FAIL-F-201", b"QA-BENCH-3", b"]C1", b"7/50",
)  # fmt: skip
_NASTY: Final = (
    b"\0", b"\x1b[2J", b"\x1b]0;x\x07", b"\x9b31m", b"[red]", b"[/]", b"{0.__class__}", b"%s%n", b"'; DROP TABLE x; --",
    "\u202e".encode(), "\ud800".encode("utf-8", "surrogatepass"), "\u0130\u0131ß".encode(), "٣７".encode(), b"\r\n",
    b"\t",
    "e\u0301\u0301\u0301\u0301".encode(), "\U000e0041".encode(), b"9" * 40, b"-", b"\\", b"$(id)", b"`", b"\xff", b"..",
)  # fmt: skip
_TOML: Final = (
    b"[[spec]]\n", b"[[order]]\n", b"[[station]]\n", b"[[operator]]\n", b"[[spec.step]]\n", b"code = ", b"name = ",
    b'"""', b"'''", b"[", b"]", b"{", b"}", b"= nan\n", b"= 1e400\n", b"= 99999999999999999999\n", b"= true\n",
    b"= 2026-02-30\n", b"= 0001-01-01\n", b"= 9999-12-31T23:59:59-14:00\n", b'"\\u0000"', b'"\\u001b[2J"', b'"\\u202e"',
    b"password = ", b"[database]\n", b'dsn = "postgresql://a:b@c/d"\n', b"[qa]\n", b"[[qa.code]]\n", b"#",
    b"x.y.z = 1\n",
)  # fmt: skip


def _shop_files() -> tuple[bytes, ...]:
    words = (ROOT / "docs" / "shop-files.md").read_text("utf-8")
    blocks = [block.partition("```")[0].encode() for block in words.split("```toml\n")[1:]]
    return (*blocks, *(path.read_bytes() for path in (ROOT / "src" / "kiosk" / "demo_shop").glob("*.toml")))


def _payloads() -> tuple[bytes, ...]:
    logged: Any = msgspec.json.decode((ROOT / "tests" / "store" / "goldens" / "events.json").read_bytes())
    entries = logged.items() if isinstance(logged, dict) else enumerate(logged)
    seeds: list[bytes] = []
    for key, payload in entries:
        name = str(key).partition(" ")[0]
        number = _TYPES.index(name) if name in _TYPES else 0
        seeds.append(bytes([number % 255]) + msgspec.json.encode(payload))
    return tuple(seeds)


_MEMORIES: Final = (ids._card_unit_id_in.cache_clear, _read_lately.cache_clear)

TARGETS: Final = (
    Target(name="ids", check=check_ids, seeds=_IDS, words=_IDS + _NASTY, longest=200, forgets=_MEMORIES),
    Target(name="barcodes", check=check_barcodes, seeds=_IDS + _NASTY, words=_IDS + _NASTY, forgets=_MEMORIES),
    Target(
        name="decoder",
        check=check_decoder,
        seeds=(bytes((0, 0, 36, 0x11, 36, 0x01, 2, 0x11, 2, 0x01, 28, 0x11, 28, 0x01)), b"\0\5" + bytes(range(1, 250))),
        longest=300,
        words=(
            b"\x2a\x11",
            b"\x2a\x01",
            b"\x1c\x11\x1c\x01",
            b"\x38\x11",
            b"\x38\x01",
            b"\x1d\x11",
            b"\0\xd1",
            b"\0\xe1",
        ),
    ),
    Target(
        name="wedge", check=check_wedge, seeds=(b"\1J1044\0", b"\0J1044-S001\0+\2"), words=_IDS + _NASTY, longest=120
    ),
    Target(
        name="qa type-ahead",
        check=check_qa,
        seeds=(b"201\0", b"*1\0", b"scr\0+", b"+"),
        words=(b"F-201", *_NASTY),
        longest=60,
    ),
    Target(
        name="codec",
        check=check_codec,
        seeds=_payloads(),
        words=(b"null", b"{}", b"[]", b'"\\ud800"', b"1e400", b"-1", b"[" * 1500, b'"at":', *_NASTY),
    ),
    Target(name="shop files", check=check_files, seeds=_shop_files(), words=_TOML + _NASTY),
    Target(
        name="kiosk.toml", check=check_config, seeds=((ROOT / "kiosk.toml").read_bytes()[:4096],), words=_TOML + _NASTY
    ),
    Target(
        name="moments",
        check=check_moments,
        longest=100,
        seeds=(b"2026-11-24 14:00", b"14:00", b"2026-W12-3", b"9999-12-31T23:59:59-14:00"),
        words=(b"T", b":", b"+14:00", b"Z", *_NASTY),
    ),
    Target(
        name="addresses",
        check=check_address,
        seeds=(b"postgresql://u:geheim-17@h1:1,h2:2/d?sslmode=require", b"host=a port=5432 password='geheim 17'"),
        words=(b"@", b":", b"/", b"%", b"password=", b"'", b"?", *_NASTY),
    ),
    *HELD_TARGETS,
)
