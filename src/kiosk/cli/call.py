"""One call of the program: its options, the configuration in force, the store, and the words of this shop."""

import argparse
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.domain.commands import Command
from core.domain.readings import BadgeRead
from core.domain.rejections import NotPermitted, Refusal, Rejection, UnknownUnit, WrongUnitState
from core.identity.ids import OperatorId, canonical, parse_operator_id
from core.production.badges import presented
from core.production.uncut import not_made, sheet_of_label
from kiosk.cli.awaiting import saying_what_is_awaited
from kiosk.cli.exits import Exit, UsageError
from kiosk.cli.output import complain, say
from kiosk.config.file import Config, find_config, load_config
from kiosk.printable import shown

if TYPE_CHECKING:
    from kiosk.wording.spoken import Words
    from store.commands import Accepted
    from store.store import Store

__all__ = ["Call"]

_MOST_LINES = 12
"""Facts that a command prints; the start of a job makes one for each sheet."""

OPERATOR_VARIABLE = "KIOSK_OPERATOR"


@dataclass
class Call:
    """What a command is given."""

    options: argparse.Namespace

    @cached_property
    def config_path(self) -> Path | None:
        """Where kiosk.toml is, None where there is none."""
        asked: str | None = getattr(self.options, "config", None)
        return find_config(Path(asked) if asked else None, os.environ)

    @cached_property
    def config(self) -> Config:
        """The configuration in force; FileRefused where it is wrong."""
        return load_config(self.config_path)

    @cached_property
    def now(self) -> datetime:
        """When this call was made, UTC."""
        return datetime.now(UTC)

    @property
    def wants_json(self) -> bool:
        """Whether the command should print for programs."""
        return bool(getattr(self.options, "json", False))

    @cached_property
    def operator(self) -> OperatorId | None:
        """Who asks: --as, or KIOSK_OPERATOR; None where neither is given."""
        named: str | None = getattr(self.options, "operator", None) or os.environ.get(OPERATOR_VARIABLE)
        if not named:
            return None
        operator = parse_operator_id(named)
        if operator is None:
            raise UsageError(f'"{shown(named, 40)}" is no badge; --as takes one such as OP-42.')
        return operator

    def needed_operator(self, why: str) -> OperatorId:
        """The same where nobody is no answer; UsageError says why."""
        if self.operator is None:
            raise UsageError(f"--as says {why}: --as OP-7, or the environment {OPERATOR_VARIABLE}.")
        return self.operator

    @cached_property
    def words(self) -> "Words":
        """The words of this shop: where its work is done, what its QA codes mean, its time zone."""
        from kiosk.wording.spoken import Words

        return Words.of(
            [station.definition() for station in self.config.stations],
            {code.code: code.words for code in self.config.qa.codes},
            self.config.shop.zone,
        )

    @asynccontextmanager
    async def store(self) -> "AsyncGenerator[Store]":
        """The store of the shop that there is; the embedded server is started where it is needed, and never made."""
        from kiosk.wiring import open_store

        async with AsyncExitStack() as closing:
            with saying_what_is_awaited(self.config):
                store = await closing.enter_async_context(open_store(self.config))
            yield store

    async def learn(self, store: "Store") -> "Words":
        """The words with the stations that the shop really has, which kiosk.toml need not know."""
        from kiosk.wording.spoken import Words

        known = [station.definition for station in await store.stations()]
        if known:
            self.words = Words.of(known, self.words.qa_words, self.words.zone)
        return self.words

    def refuse(self, rejection: Rejection) -> Exit:
        """Print why something was refused, in words; the exit code for it."""
        from kiosk.wording.rejections import spoken

        said = spoken(rejection, self.words)
        complain(f"Refused: {said.sentence}")
        if isinstance(rejection, NotPermitted) and rejection.operator_id is None:
            complain(f"  Name who does it: --as OP-7, or the environment {OPERATOR_VARIABLE}.")
            return Exit.REFUSED
        if isinstance(rejection, WrongUnitState):
            complain(f"  kiosk where {shown(rejection.unit_id, 60)} says where it is and what it waits for.")
            return Exit.REFUSED
        # Cures are for benches; in an office only those are of use that name no bench's key or scanner.
        if said.cure and "F8" not in said.cure and "can" not in said.cure.partition(" ")[0]:
            complain(f"  {said.cure}.")
        return Exit.REFUSED

    async def refuse_unknown(self, store: "Store", unit_id: str) -> Exit:
        """Print that there is no such unit, or that its sheet is not cut yet."""
        unknown, sheet_id = UnknownUnit(unit_id=canonical(unit_id)), sheet_of_label(unit_id)
        sheet = None if sheet_id is None else await store.sheet(sheet_id)
        return self.refuse(unknown if sheet is None else not_made(unknown, sheet.status, sheet.n_up))

    async def carry_out(self, command: Command, *, same_is_fine: bool = False) -> Exit:
        """Run one command and print what came of it; `same_is_fine` where it may be as asked already."""
        return await self.carry_out_all([command], same_is_fine=same_is_fine)

    async def carry_out_all(self, commands: Sequence[Command], *, same_is_fine: bool = False) -> Exit:
        """Run commands one after another, all of them, and print what came of each; none by a withdrawn badge."""
        from core.domain.rejections import NothingChanged, PackNotSealed
        from kiosk.cli.shipping import said_again
        from store.commands import Accepted

        ended = Exit.OK
        async with self.store() as store:
            # Whoever asks from a desk is dated by the database's clock, as the stations are.
            own_ahead = timedelta(seconds=store.clock.own_ahead_seconds)
            for badge in {command.operator_id for command in commands if command.operator_id is not None}:
                # Stations ask this of every badge that is scanned; here it is only named.
                withdrawn = await _withdrawn(store, badge)
                if withdrawn is not None:
                    return self.refuse(withdrawn)
            for command in commands:
                answer = await store.run(replace(command, at=command.at - own_ahead))
                if isinstance(answer, Accepted):
                    self._tell(answer)
                elif isinstance(answer, NothingChanged) and same_is_fine:
                    say(f"{shown(answer.of, 60)}  unchanged")
                elif isinstance(answer, Refusal):
                    words = await self.learn(store)
                    ended = self.refuse(answer)
                    if isinstance(answer, PackNotSealed) and (again := await said_again(store, answer.pack_id, words)):
                        complain(f"  {again}")
        return ended

    def _tell(self, answer: "Accepted") -> None:
        from kiosk.wording.events import told

        streams = {id(entry.event): entry.stream.aggregate_id for entry in reversed(answer.recorded)}
        shown_lines = 0
        for entry in answer.recorded:
            if streams.pop(id(entry.event), None) is None:
                continue
            shown_lines += 1
            if shown_lines <= _MOST_LINES:
                say(f"{shown(entry.stream.aggregate_id, 60)}  {told(entry.event, self.words).text}")
        if shown_lines > _MOST_LINES:
            say(f"and {shown_lines - _MOST_LINES} more")


async def _withdrawn(store: "Store", badge: OperatorId) -> Rejection | None:
    person = await store.operator(badge)
    if person is None:
        return None
    read = BadgeRead(operator_id=badge, name=person.name, roles=frozenset(person.roles), has_pin=person.has_pin)
    taken = presented(read)
    return None if isinstance(taken, BadgeRead) else taken
