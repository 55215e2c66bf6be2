"""`kiosk labels`: pages to print in any browser: wall cards, badges, labels of cards, trays, sheets and boxes."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.domain.rejections import UnknownJob, UnknownUnit
from core.identity.ids import (
    MAX_N_UP,
    CardUnitId,
    SheetId,
    card_unit_id,
    next_box_id,
    parse_card_unit_id,
    parse_job_id,
    parse_sheet_id,
    sheet_id,
)
from kiosk.cli import arguments
from kiosk.cli.call import Call
from kiosk.cli.exits import Exit, UsageError
from kiosk.cli.output import complain
from kiosk.cli.parsers import Families
from kiosk.printable import counted, shown

if TYPE_CHECKING:
    from kiosk.printing.labels import Label

__all__ = ["register"]

_MOST_LABELS = 5_000


def register(families: Families) -> None:
    """Add the commands of this family."""
    labels = families.family(
        "labels",
        "printable pages: control-card, badges, cards, trays, sheets, boxes",
        examples="  kiosk labels control-card --output wall-card.html\n"
        "  kiosk labels badges\n  kiosk labels cards J1044-S003 --qr\n  kiosk labels trays J1044",
    )
    _output(labels.command("control-card", _control_card, "the wall card: RESET, UNDO, PASS, FAIL codes, and so on"))
    badges = labels.command("badges", _badges, "badges of everybody, or of those named")
    badges.add_argument("badge", nargs="*", type=arguments.operator_id, metavar="OP-n")
    _output(badges)
    for name, run, summary in (
        ("cards", _cards, "labels of cards: one card, all of a sheet, or all of a job"),
        ("trays", _trays, "tray labels, one for each set: of a sheet, or all of a job"),
        ("sheets", _sheets, "labels for the trim margin: one sheet, or all of a job"),
    ):
        parser = labels.command(name, run, summary)
        parser.add_argument("unit", metavar="ID", help="a job, a sheet or a card")
        _output(parser)
    boxes = labels.command("boxes", _boxes, "labels of the next boxes of a job")
    boxes.add_argument("job", type=arguments.job_id, metavar="JOB")
    boxes.add_argument("--count", type=_count, default=1, metavar="N", help="how many, 1")
    _output(boxes)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= _MOST_LABELS:
        raise argparse.ArgumentTypeError(f'"{shown(text, 20)}" is no number of labels; 1 to {_MOST_LABELS}')
    return int(text)


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", metavar="FILE", help="an .html file; left out, standard output")
    parser.add_argument("--qr", action="store_true", help="QR instead of Code 128: small labels, cameras")


def _control_card(call: Call) -> int:
    from kiosk.printing.labels import control_labels

    labels = control_labels([(code.code, code.words) for code in call.config.qa.codes])
    return _print(call, f"{call.config.shop.name} · wall card", labels, note="Scan one of these instead of a key.")


async def _badges(call: Call) -> int:
    from kiosk.printing.labels import badge_labels

    wanted: Sequence[str] = call.options.badge
    async with call.store() as store:
        people = [one for one in await store.operators() if one.roles and (not wanted or one.operator_id in wanted)]
    missing = sorted(set(wanted) - {one.operator_id for one in people})
    if missing or not people:
        complain(
            f"There is no valid badge {', '.join(missing)}." if missing else "There is nobody yet: kiosk operator load."
        )
        return Exit.REFUSED
    labels = badge_labels([(one.operator_id, one.name, one.roles) for one in people])
    return _print(call, f"{call.config.shop.name} · badges", labels)


async def _cards(call: Call) -> int:
    from kiosk.printing.labels import card_labels

    cards = await _named_cards(call)
    return cards if isinstance(cards, Exit) else _print(call, f"Cards · {_asked(call)}", card_labels(cards))


async def _trays(call: Call) -> int:
    from kiosk.printing.labels import set_labels

    sheets = await _named_sheets(call)
    return sheets if isinstance(sheets, Exit) else _print(call, f"Trays · {_asked(call)}", set_labels(sheets))


async def _sheets(call: Call) -> int:
    from kiosk.printing.labels import plain_labels

    sheets = await _named_sheets(call)
    return sheets if isinstance(sheets, Exit) else _print(call, f"Sheets · {_asked(call)}", plain_labels(sheets))


async def _boxes(call: Call) -> int:
    from kiosk.printing.labels import plain_labels

    job = call.options.job
    async with call.store() as store:
        if await store.job(job) is None:
            return call.refuse(UnknownJob(job_id=job))
        opened = await store.packs_of(job)
    boxes = [pack.pack_id for pack in opened]
    for _ in range(call.options.count):
        boxes.append(next_box_id(job, boxes))
    labels = plain_labels(boxes[len(opened) :])
    return _print(call, f"Boxes · {job}", labels)


def _asked(call: Call) -> str:
    return shown(call.options.unit.strip().upper(), 40)


async def _named_cards(call: Call) -> list[CardUnitId] | Exit:
    """The cards that an id names, replacements in the place of what they replace."""
    text: str = call.options.unit
    parent = parse_card_unit_id(text) or parse_sheet_id(text) or parse_job_id(text)
    if parent is None:
        raise UsageError(f'"{shown(text, 40)}" is no job, sheet or card.')
    async with call.store() as store:
        card = parse_card_unit_id(text)
        found = await store.cards([card]) if card else await store.cards_of(parent)
        if not found:
            # The cards of a sheet that waits for its cut are known before they exist.
            sheet = await store.sheet(parent)
            if sheet is not None and sheet.void_reason is None:
                return [card_unit_id(sheet.sheet_id, place) for place in range(1, min(sheet.n_up, MAX_N_UP) + 1)]
            job_id = parse_job_id(text)
            if sheet is not None:
                complain(f"Sheet {sheet.sheet_id} was taken out before its cut: it has no cards.")
            elif job_id and await store.job(job_id):
                complain(f"No sheet of job {job_id} is cut yet, so it has no cards.")
                complain(f"  The labels of one sheet can be printed ahead: kiosk labels cards {sheet_id(job_id, 1)}.")
            elif job_id:
                return call.refuse(UnknownJob(job_id=job_id))
            else:
                return call.refuse(UnknownUnit(unit_id=parent))
            return Exit.REFUSED
    return [row.card_unit_id for row in found if row.void_reason is None or card]


async def _named_sheets(call: Call) -> list[SheetId] | Exit:
    text: str = call.options.unit
    named, job_id = parse_sheet_id(text), parse_job_id(text)
    if named is None and job_id is None:
        raise UsageError(f'"{shown(text, 40)}" is no job or sheet.')
    async with call.store() as store:
        if named is not None:
            return [named] if await store.sheet(named) else call.refuse(UnknownUnit(unit_id=named))
        if job_id is None:
            return []
        job = await store.job(job_id)
    if job is None:
        return call.refuse(UnknownJob(job_id=job_id))
    return [sheet_id(job_id, number) for number in range(1, job.sheet_count + 1)]


def _print(call: Call, title: str, labels: Sequence["Label"], *, note: str = "") -> int:
    from kiosk.printing.labels import SymbolKind, page

    if not labels:
        complain("There is nothing to print.")
        return Exit.REFUSED
    if len(labels) > _MOST_LABELS:
        raise UsageError(
            f"That would be {counted(len(labels), 'label')}; print one sheet or a part of the job at a time."
        )
    html = page(title, labels, kind=SymbolKind.QR if call.options.qr else SymbolKind.CODE128, note=note)
    if call.options.output is None:
        sys.stdout.write(html)
        return Exit.OK
    path = Path(call.options.output)
    try:
        path.write_text(html, encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or os.strerror(error.errno or 0)).lower()
        raise UsageError(f"{shown(str(path), 200)} cannot be written: {reason}.") from None
    complain(f"{counted(len(labels), 'label')} in {shown(str(path), 200)}; open it in a browser and print it at 100 %.")
    return Exit.OK
