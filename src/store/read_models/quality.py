"""How good the work is: counted from the cards on the floor, never kept."""

# ruff: noqa: S608 - every name in a statement is a constant of the code, every value a parameter

from dataclasses import dataclass

from store.read_models.tables import RowQuery, columns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPass:
    """How many cards were inspected, and how many of them passed at their first inspection."""

    inspected: int
    passed_first: int

    @property
    def percent(self) -> float | None:
        """The first-pass yield in percent; None before the first inspection."""
        return 100 * self.passed_first / self.inspected if self.inspected else None


# A card's last outcome is its first one where it was inspected once. The cards of a job are a range of the key:
# no other index holds those that are packed.
FIRST_PASS = RowQuery(
    FirstPass,
    f"""SELECT {columns_of(FirstPass)} FROM (
        SELECT count(*) AS inspected,
            count(*) FILTER (WHERE qa_attempts = 1 AND last_outcome = 'PASS') AS passed_first
        FROM unnest($1::text[]) j(job_id) JOIN rm_card_units c
            ON c.card_unit_id >= j.job_id || '-' AND c.card_unit_id < j.job_id || '.' AND c.qa_attempts > 0
    ) q""",
)
