"""Where the cards of a job are: counted from the units' own rows, never kept."""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from dataclasses import dataclass

from store.read_models.tables import RowQuery, columns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgressRow:
    """One row of the view rm_job_progress.

    ``sheets`` are all that exist, ``sheets_waiting`` those neither cut nor voided.
    The six counts of cards add up to all cards ever made for the job.
    """

    job_id: str
    sheets: int
    sheets_waiting: int
    sheets_cut: int
    sheets_voided: int
    cards_in_progress: int
    cards_failed: int
    cards_passed: int
    cards_assembled: int
    cards_packed: int
    cards_voided: int
    sets_open: int
    sets_complete: int
    sets_packed: int

    @property
    def cards(self) -> int:
        """Every card that the job's cuts and replacements made."""
        return (
            self.cards_in_progress
            + self.cards_failed
            + self.cards_passed
            + self.cards_assembled
            + self.cards_packed
            + self.cards_voided
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCount:
    """How many units of a job are in one place of its life.

    ``unit_kind`` is sheet or card. ``station_id`` and ``work`` are set while they are
    in hand, ``ready`` names the work they wait for. ``cards`` counts cards, for
    sheets those that their cut will make.
    """

    job_id: str
    unit_kind: str
    status: str
    station_id: str | None
    work: str | None
    ready: str
    units: int
    cards: int


_PROGRESS = columns_of(JobProgressRow)

PROGRESS_OF_JOB = RowQuery(JobProgressRow, f"SELECT {_PROGRESS} FROM rm_job_progress WHERE job_id = $1")

PROGRESS_OF_JOBS = RowQuery(
    JobProgressRow, f"SELECT {_PROGRESS} FROM rm_job_progress WHERE job_id = ANY($1::text[]) ORDER BY job_id"
)

STAGES = RowQuery(
    StageCount,
    """SELECT job_id, 'sheet' AS unit_kind, status, station_id, work, ready, count(*) AS units, sum(n_up) AS cards
    FROM rm_sheets WHERE job_id = ANY($1::text[]) AND status NOT IN ('CUT', 'VOIDED')
    GROUP BY job_id, status, station_id, work, ready
    UNION ALL
    SELECT job_id, 'card', status, station_id, work, ready, count(*), count(*)
    FROM rm_card_units WHERE job_id = ANY($1::text[]) AND status <> 'PACKED'
    GROUP BY job_id, status, station_id, work, ready
    UNION ALL
    SELECT job_id, 'card', 'PACKED', NULL, NULL, '', sum(expected_count), sum(expected_count)
    FROM rm_assemblies WHERE job_id = ANY($1::text[]) AND status = 'PACKED' GROUP BY job_id
    ORDER BY 1, 2 DESC, 3, 4, 5, 6""",
)
