"""How parsers are made: one look for every --help, the options that all commands share, friendly errors.

Used by every command family to register itself.
"""

import argparse
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn, Protocol

from kiosk.cli.call import Call
from kiosk.cli.exits import EXIT_CODES, Exit
from kiosk.printable import shown
from kiosk.toml_files import near_miss

__all__ = ["Command", "Families", "Family", "Parser", "add_common_options"]

Command = Callable[[Call], int | Awaitable[int]]


class Parser(argparse.ArgumentParser):
    """An argument parser that shows examples as written and says errors in a line, with a near miss."""

    def __init__(
        self,
        *,
        prog: str,
        description: str = "",
        epilog: str = "",
        parents: Sequence[argparse.ArgumentParser] = (),
    ) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            parents=list(parents),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            # An abbreviation in somebody's script breaks with the next option that begins like it.
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where help is; exit code 2."""
        print(f"{self.prog}: {shown(message, 300)}", file=sys.stderr)
        nearest = self._nearest(message)
        if nearest:
            print(f'Did you mean "{nearest}"?', file=sys.stderr)
        print(f"{self.prog} --help says more.", file=sys.stderr)
        sys.exit(Exit.USAGE)

    def _nearest(self, message: str) -> str | None:
        typed = message.partition("invalid choice: '")[2].partition("'")[0]
        if not typed:
            return None
        known = [str(choice) for action in self._actions for choice in (action.choices or ())]
        return near_miss(typed, known)


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command takes, before or after its own words."""
    options = parser.add_argument_group("common options")
    # Suppressed: a default of the command would undo what was said before it.
    options.add_argument("--config", metavar="FILE", default=argparse.SUPPRESS, help="kiosk.toml to use")
    options.add_argument(
        "--debug",
        action="store_true",
        default=argparse.SUPPRESS,
        help="show a traceback where something goes wrong inside",
    )


def _shared() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    add_common_options(shared)
    return shared


class _Commands(Protocol):
    """What argparse gives for sub-commands, under a name that is not private to it."""

    def add_parser(self, name: str, **options: Any) -> Parser:
        """Add a parser for one more word."""
        ...


class Family:
    """Commands that share a first word, such as `kiosk job create`."""

    def __init__(self, program: str, commands: _Commands) -> None:
        self._program = program
        self._commands = commands

    def command(
        self,
        name: str,
        run: Command,
        summary: str,
        *,
        examples: str = "",
        reads: bool = False,
        acts: bool = False,
    ) -> argparse.ArgumentParser:
        """Add a command. `reads` gives it --json, `acts` gives it --as; `examples` are shown as written."""
        parser = _command(f"{self._program} {name}", name, self._commands, summary, examples)
        _options(parser, reads=reads, acts=acts)
        parser.set_defaults(run=run, parser=parser)
        return parser


class Families:
    """The first words of the program."""

    def __init__(self, parser: Parser) -> None:
        self._commands: _Commands = parser.add_subparsers(
            title="commands", metavar="COMMAND", required=True, parser_class=Parser
        )

    def command(
        self,
        name: str,
        run: Command,
        summary: str,
        *,
        examples: str = "",
        reads: bool = False,
        acts: bool = False,
    ) -> argparse.ArgumentParser:
        """Add a command of one word, such as `kiosk doctor`."""
        parser = _command(f"kiosk {name}", name, self._commands, summary, examples)
        _options(parser, reads=reads, acts=acts)
        parser.set_defaults(run=run, parser=parser)
        return parser

    def family(self, name: str, summary: str, *, examples: str = "") -> Family:
        """Add a family of commands."""
        epilog = f"examples:\n{examples}\n" if examples else ""
        parser = self._commands.add_parser(name, help=summary, prog=f"kiosk {name}", description=summary, epilog=epilog)
        commands: _Commands = parser.add_subparsers(
            title="commands", metavar="COMMAND", required=True, parser_class=Parser
        )
        return Family(f"kiosk {name}", commands)


def _command(program: str, name: str, commands: _Commands, summary: str, examples: str) -> Parser:
    shown_examples = f"examples:\n{examples}\n\n" if examples else ""
    return commands.add_parser(
        name,
        help=summary,
        prog=program,
        description=summary,
        epilog=shown_examples + EXIT_CODES,
        parents=[_shared()],
    )


def _options(parser: argparse.ArgumentParser, *, reads: bool, acts: bool) -> None:
    if reads:
        parser.add_argument("--json", action="store_true", help="print JSON for programs")
    if acts:
        parser.add_argument("--as", dest="operator", metavar="OP-n", help="whose decision this is (or KIOSK_OPERATOR)")
