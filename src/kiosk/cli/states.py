"""`kiosk states`: the state machines, printed from the tables that the code itself goes through."""

from core.domain.state_machines import MACHINES
from kiosk.cli.call import Call
from kiosk.cli.exits import Exit
from kiosk.cli.output import print_json, say
from kiosk.cli.parsers import Families

__all__ = ["register"]


def register(families: Families) -> None:
    """Add the command."""
    states = families.command(
        "states",
        _states,
        "print the state machines of orders, jobs, sheets, cards, sets and packs",
        reads=True,
        examples="  kiosk states\n  kiosk states CardUnit --mermaid",
    )
    states.add_argument("machine", nargs="?", metavar="MACHINE", choices=[machine.name for machine in MACHINES])
    states.add_argument("--mermaid", action="store_true", help="as Mermaid diagrams, for documents")


def _states(call: Call) -> int:
    asked = call.options.machine
    machines = [machine for machine in MACHINES if asked in {None, machine.name}]
    if call.wants_json:
        print_json(
            {
                machine.name: {
                    "initial": machine.initial,
                    "transitions": {state: sorted(after) for state, after in machine.transitions.items()},
                    "terminal": machine.terminal(),
                }
                for machine in machines
            }
        )
        return Exit.OK
    for number, machine in enumerate(machines):
        if number:
            say()
        if call.options.mermaid:
            say(f"%% {machine.name}")
            say("stateDiagram-v2")
            for state in machine.initial:
                say(f"    [*] --> {state}")
            for state, after in machine.transitions.items():
                for target in sorted(after, key=list(machine.transitions).index):
                    say(f"    {state} --> {target}")
                if not after:
                    say(f"    {state} --> [*]")
            continue
        say(machine.name)
        width = max(len(state) for state in machine.transitions)
        for state, after in machine.transitions.items():
            born = "*" if state in machine.initial else " "
            following = ", ".join(sorted(after, key=list(machine.transitions).index)) or "(for good)"
            say(f"  {born} {state:{width}}  → {following}")
    if not call.options.mermaid:
        say()
        say("* a unit may begin in this state")
    return Exit.OK
