"""Whatever is read, nothing escapes, and what is shown of it steers no terminal: generated texts for every reader."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.rejections import UnknownBarcode
from core.production.barcodes import read_barcode
from kiosk.printable import shown
from tests.fuzz import targets
from tests.fuzz.targets import steers_no_terminal
from tests.hostile.texts import MEGABYTE, NASTY, hostile

_EXAMPLES = 30
"""Of each kind for each reader in every run; `make fuzz` searches on."""

Check = Callable[[bytes], object]
READERS: dict[str, Check] = {
    "ids": targets.check_ids,
    "barcodes": targets.check_barcodes,
    "decoder": targets.check_decoder,
    "wedge": targets.check_wedge,
    "QA type-ahead": targets.check_qa,
    "codec": targets.check_codec,
    "moments": targets.check_moments,
    "addresses": targets.check_address,
    "files": targets.check_files,
    "kiosk.toml": targets.check_config,
}


def as_bytes(text: str) -> bytes:
    """The text with its half surrogates, as the readers take it."""
    return text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("check", READERS.values(), ids=READERS)
@settings(max_examples=_EXAMPLES)
@given(text=hostile)
def test_every_reader_takes_or_refuses_every_text(check: Check, text: str) -> None:
    """By its own rules, which the search for inputs states for each reader."""
    check(as_bytes(text))


@pytest.mark.parametrize("check", READERS.values(), ids=READERS)
@settings(max_examples=_EXAMPLES)
@given(given_bytes=st.binary(max_size=200))
def test_every_reader_takes_or_refuses_every_sequence_of_bytes(check: Check, given_bytes: bytes) -> None:
    """Keys, payloads and files need not be text at all."""
    check(given_bytes)


@pytest.mark.parametrize("reader", sorted(READERS.keys() - {"wedge", "QA type-ahead", "decoder"}))
def test_a_megabyte_is_taken_or_refused_as_well(reader: str) -> None:
    """In no more time than its length asks for."""
    READERS[reader](as_bytes(MEGABYTE))


def test_a_megabyte_from_a_scanner_is_one_refusal_at_most_for_each_end() -> None:
    """Nothing of it piles up."""
    targets.check_wedge(as_bytes("\1" + MEGABYTE[:5_000]))
    targets.check_decoder(bytes(range(256)) * 100)


_NAME_FILES = {
    "operator": '[[operator]]\nbadge = "OP-42"\nname = {}\n',
    "customer": '[[order]]\nid = "PO2026-0117"\ncustomer = {}\npromise = 2026-11-24\nline = [{spec = "A", sets = 1}]\n',
    "station": '[[station]]\nid = "PRESS-1"\nname = {}\nrole = "PRESS"\n',
    "badge": '[[operator]]\nbadge = {}\nname = "x"\n',
    "shop": "[shop]\nname = {}\n",
    "fault": '[[qa.code]]\ncode = "F-201"\nwords = {}\n',
    "address": "[database]\ndsn = {}\n",
    "key": "{} = 1\n",
    "layout": '[[station]]\nid = "PRESS-1"\nrole = "PRESS"\nscanner.layout = {}\nscanner.device = {}\n',
}  # fmt: skip


def _toml_string(text: str) -> str:
    return '"' + "".join(f"\\U{ord(c):08x}" if not 0xD800 <= ord(c) < 0xE000 else "?" for c in text) + '"'


@pytest.mark.parametrize("template", _NAME_FILES.values(), ids=_NAME_FILES)
@settings(max_examples=_EXAMPLES)
@given(text=hostile)
def test_every_name_in_a_file_is_clean_or_refused(template: str, text: str) -> None:
    """Written as TOML's own escapes, so that any character gets as far as a name can."""
    given_bytes = template.replace("{}", _toml_string(text)).encode()
    targets.check_files(given_bytes)
    targets.check_config(given_bytes)


@given(hostile, st.integers(1, 200))
def test_what_is_shown_of_any_text_is_short_and_steers_nothing(text: str, limit: int) -> None:
    """The one place that all foreign text passes before anybody sees it."""
    said = shown(text, limit)
    assert len(said) <= limit
    steers_no_terminal(said)


@pytest.mark.parametrize("text", NASTY)
def test_no_attack_is_a_code_of_the_shop(text: str) -> None:
    """Not by being folded, trimmed, turned round or cut; what is left without its blanks may be one."""
    read = read_barcode(text)
    if not isinstance(read, UnknownBarcode):
        assert text.strip().isascii()
        assert text.strip().isprintable()
