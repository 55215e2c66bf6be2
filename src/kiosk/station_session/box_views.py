"""A job's boxes, how far it is, and the sets that no box holds yet, as PACKING shows them. Pure; reads nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.domain.rejections import RefusedCardsInSet
from core.domain.values import AssemblyStatus, PackStatus
from core.identity.ids import PackId, StationId
from core.projections import AssemblyRow, JobRow, PackRow
from kiosk.printable import shown
from kiosk.snapshots.panes import MissingLine, MissingView, ProgressView
from kiosk.snapshots.tone import Tone
from kiosk.snapshots.work import BoxLine
from kiosk.station_session.durations import due
from kiosk.wording.spoken import Words, listed
from store.read_models.job_progress import JobProgressRow

_TO_PACK = 12


def progress_view(
    job: JobRow | None, progress: JobProgressRow | None, now: datetime, words: Words
) -> ProgressView | None:
    """Return how many of a job's sets are packed; None where it was not read."""
    if job is None or progress is None:
        return None
    text, _ = due(job.promise_at, now, words)
    total = progress.sheets - progress.sheets_voided
    return ProgressView(
        title=f"JOB {job.job_id}",
        name=f"{shown(job.product_name, 30)} · {shown(job.customer, 20)}",
        note=f"due {text}",
        done=progress.sets_packed,
        total=total,
        caption=f"{progress.sets_packed} of {total} sets packed",
    )


def is_open_at(pack: PackRow, station: StationId) -> bool:
    """Say whether a container is open at a station; one that is open at another stands there."""
    return pack.status is PackStatus.OPEN and pack.station_id == station


def box_line(pack: PackRow, *, filling: PackId | None, left_open: PackId | None, here: StationId) -> BoxLine:
    """Return what a box holds and how it is: being filled ``here``, or left open though nothing goes into it."""
    is_filling, is_left = pack.pack_id == filling, pack.pack_id == left_open
    sets = len(pack.sets)
    return BoxLine(
        pack=pack.pack_id,
        holds=f"{sets} set{'' if sets == 1 else 's'} · {pack.cards} cards",
        state="filling" if is_filling else "STILL OPEN" if is_left else _state_of(pack, here),
        tone=Tone.STRONG if is_filling else Tone.ATTENTION if is_left else Tone.DIM,
    )


def _state_of(pack: PackRow, here: StationId) -> str:
    if pack.inside:
        return f"in {pack.inside}"
    is_elsewhere = pack.status is PackStatus.OPEN and not is_open_at(pack, here)
    return f"open at {pack.station_id}" if is_elsewhere else pack.status.lower()


def to_pack_view(
    sets: Sequence[AssemblyRow], held_up: Mapping[str, RefusedCardsInSet], progress: JobProgressRow | None
) -> MissingView:
    """Return the sets of a job that are not in a box, those that could be packed first.

    ``held_up`` says of a set by its id which refused cards may lie in it.
    """
    left = [each for each in sets if each.status is not AssemblyStatus.PACKED]
    left.sort(key=lambda each: (-each.gathered_count, each.sheet_id))
    lines = tuple(_set_line(each, held_up.get(each.assembly_id)) for each in left[:_TO_PACK])
    uncut = 0 if progress is None else progress.sheets_waiting
    if uncut:
        sheets = "1 sheet" if uncut == 1 else f"{uncut} sheets"
        lines = (*lines, MissingLine(what=sheets, where="not cut yet", tone=Tone.DIM, stands_for=uncut))
    return MissingView(title="TO PACK", count=len(left) + uncut, lines=lines, right_title="in tray")


def _set_line(each: AssemblyRow, held_up: RefusedCardsInSet | None) -> MissingLine:
    return MissingLine(
        what=each.sheet_id,
        where=_where(each, held_up),
        when=f"{each.gathered_count}/{each.expected_count}",
        tone=_tone(each, is_held_up=held_up is not None),
    )


def _where(each: AssemblyRow, held_up: RefusedCardsInSet | None) -> str:
    if held_up is not None:
        return f"REFUSED CARD: F7 AT {listed(held_up.at_stations, most=1)}"
    if each.needs_authorization:
        return "NEEDS A MANAGER"
    if each.status is AssemblyStatus.COMPLETE:
        return "READY TO PACK"
    if each.gaps:
        return f"{len(each.gaps)} TO REMAKE"
    return each.last_station_id or "being worked on"


def _tone(each: AssemblyRow, *, is_held_up: bool) -> Tone:
    if each.gaps:
        return Tone.BAD
    if each.needs_authorization or is_held_up:
        return Tone.ATTENTION
    return Tone.GOOD if each.status is AssemblyStatus.COMPLETE else Tone.NORMAL
