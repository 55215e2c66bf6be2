"""`kiosk spec`, `kiosk station`, `kiosk operator`: what a shop consists of."""

import getpass
import secrets
import sys
from pathlib import Path

from core.domain.commands import DefineStation, RegisterOperator, SetOperatorPin
from core.domain.rejections import UnknownSpec, UnknownStation
from core.domain.values import OperatorRole
from core.identity.ids import OperatorId
from core.production.pins import MAX_PIN_DIGITS, MIN_PIN_DIGITS, hash_pin, is_acceptable
from kiosk.cli import arguments
from kiosk.cli.call import Call
from kiosk.cli.exits import Exit, UsageError
from kiosk.cli.output import Escaped, print_json, print_table, say
from kiosk.cli.parsers import Families
from kiosk.printable import counted, shown
from kiosk.shop_files import load_operators, load_specs, load_stations

__all__ = ["ask_pin", "register"]

_SALT_BYTES = 16
_FILES = "docs/shop-files.md describes the file"


def register(families: Families) -> None:
    """Add the commands of these families."""
    specs = families.family("spec", "products and their routes: load, list, show")
    load = specs.command("load", _load_specs, f"define the products of a file; {_FILES}", acts=True)
    load.add_argument("file", type=Path)
    specs.command("list", _list_specs, "all products in their newest version", reads=True)
    show = specs.command("show", _show_spec, "one product with its route", reads=True)
    show.add_argument("spec", type=arguments.spec_code, metavar="PRODUCT")

    stations = families.family("station", "stations: load, list, show, refused")
    load = stations.command(
        "load",
        _load_stations,
        f"define the stations of kiosk.toml, or of a file; {_FILES}",
        acts=True,
        examples="  kiosk station load\n  kiosk station load stations.toml",
    )
    load.add_argument("file", type=Path, nargs="?", help="left out, the kiosk.toml in force")
    stations.command("list", _list_stations, "all stations with their work", reads=True)
    show = stations.command("show", _show_station, "one station with its queue", reads=True)
    show.add_argument("station", type=arguments.station_id, metavar="STATION")

    refused = stations.command(
        "refused",
        _refused,
        "the scan log for leads: what was refused lately, where, and why",
        reads=True,
        examples="  kiosk station refused\n  kiosk station refused QA-BENCH-3 --json",
    )
    refused.add_argument("station", nargs="?", type=arguments.station_id, metavar="STATION", help="left out, anywhere")

    operators = families.family("operator", "people and their badges: load, add, withdraw, pin, list")
    load = operators.command("load", _load_operators, f"register the people of a file; {_FILES}", acts=True)
    load.add_argument("file", type=Path)
    add = operators.command(
        "add",
        _add_operator,
        "give a person a badge and roles, or more of them; what is not named stays",
        acts=True,
        examples='  kiosk operator add OP-42 --name "Operator 42" --role inspector\n'
        "  kiosk operator add OP-42 --role lead --without inspector",
    )
    add.add_argument("badge", type=arguments.operator_id, metavar="OP-n")
    add.add_argument("--name", type=arguments.person, help="needed for somebody new")
    roles = [str(role) for role in OperatorRole]
    add.add_argument("--role", dest="roles", action="append", default=[], choices=roles, help="once for each role")
    add.add_argument("--without", action="append", default=[], choices=roles, help="a role to take away")
    withdraw = operators.command(
        "withdraw",
        _withdraw_badge,
        "end a badge that was lost, or whose owner left; add with a role gives it back",
        acts=True,
        examples="  kiosk operator withdraw OP-42",
    )
    withdraw.add_argument("badge", type=arguments.operator_id, metavar="OP-n")
    pin = operators.command(
        "pin",
        _set_pin,
        "set the PIN that proves a manager's approvals",
        acts=True,
        examples="  kiosk operator pin OP-7               asks for it twice\n"
        "  kiosk operator pin OP-7 < pin.txt     reads one line",
    )
    pin.add_argument("badge", type=arguments.operator_id, metavar="OP-n")
    operators.command("list", _list_operators, "all people with their roles", reads=True)


# -- products ------------------------------------------------------------------


async def _load_specs(call: Call) -> int:
    return await call.carry_out_all(load_specs(call.options.file, at=call.now, by=call.operator), same_is_fine=True)


async def _list_specs(call: Call) -> int:
    async with call.store() as store:
        specs = await store.specs()
    if call.wants_json:
        print_json(specs)
        return Exit.OK
    print_table(
        ("PRODUCT", "VERSION", "CARDS", "LAYOUT", "RUN", "STEPS", "NAME"),
        [
            (
                spec.spec_code,
                spec.spec_version,
                spec.n_up,
                f"{spec.rows} × {spec.columns}",
                spec.run_of or "",
                spec.step_count,
                spec.name,
            )
            for spec in specs
        ],
        empty="There are no products. kiosk spec load takes them from a file.",
    )
    return Exit.OK


async def _show_spec(call: Call) -> int:
    async with call.store() as store:
        spec = await store.product_spec(call.options.spec)
    if spec is None:
        return call.refuse(UnknownSpec(spec_code=call.options.spec))
    if call.wants_json:
        print_json(spec)
        return Exit.OK
    say(f"{spec.code} version {spec.version}  {shown(spec.name)}")
    say(f"  {counted(spec.n_up, 'card')} on a sheet, {counted(spec.rows, 'row')} × {counted(spec.columns, 'column')}")
    if spec.run_of:
        say(f"  numbered 1 to {spec.run_of}")
    start = spec.replacement_starts_at
    say(f"  rework up to {spec.rework_limit} times, replacements start at {start or 'the first card step'}")
    print_table(
        ("STEP", "WORK", "ON", "AFTER", "MINUTES"),
        [
            (step.operation, step.work, step.unit, " ".join(step.after), f"{step.minutes:g}")
            for step in spec.route.steps
        ],
        empty="",
    )
    return Exit.OK


# -- stations ------------------------------------------------------------------


async def _load_stations(call: Call) -> int:
    if call.options.file is not None:
        commands = load_stations(call.options.file, at=call.now, by=call.operator)
    else:
        commands = tuple(
            DefineStation(at=call.now, operator_id=call.operator, station_id=None, station=station.definition())
            for station in call.config.stations
        )
        if not commands:
            raise UsageError("kiosk.toml defines no station; name a file, or add [[station]] stanzas.")
    return await call.carry_out_all(commands, same_is_fine=True)


async def _list_stations(call: Call) -> int:
    async with call.store() as store:
        stations = await store.stations()
        loads = {load.station_id: load for load in await store.station_loads()}
    if call.wants_json:
        print_json([{"station": station, "load": loads.get(station.station_id)} for station in stations])
        return Exit.OK
    print_table(
        ("STATION", "ROLE", "HERE", "READY", "STATE", "WORK", "NAME"),
        [
            (
                station.station_id,
                station.role,
                loads[station.station_id].units_at_station if station.station_id in loads else "",
                loads[station.station_id].units_ready if station.station_id in loads else "",
                "stopped" if station.down_since else "lead called" if station.help_since else "",
                " ".join(station.operations or station.work),
                station.name,
            )
            for station in stations
        ],
        empty="There are no stations. kiosk station load takes them from kiosk.toml.",
    )
    return Exit.OK


async def _show_station(call: Call) -> int:
    async with call.store() as store:
        station = await store.station(call.options.station)
        if station is None:
            return call.refuse(UnknownStation(station_id=call.options.station))
        queue = await store.station_queue(station.definition)
    if call.wants_json:
        print_json({"station": station, "queue": queue})
        return Exit.OK
    say(f"{station.station_id}  {station.role}  {shown(station.name)}")
    only = f", only {', '.join(station.operations)}" if station.operations else ""
    say(f"  does {', '.join(station.work)}{only}{', one scan each' if station.single_scan else ''}")
    if station.down_since:
        say(f"  stopped since {call.words.day_and_clock(station.down_since)}: {shown(station.down_reason or '')}")
    if station.help_since:
        say(f"  called a lead at {call.words.day_and_clock(station.help_since)} {shown(station.help_note or '')}")
    for title, entries, total in (
        ("here", queue.at_station, queue.at_station_total),
        ("ready", queue.ready, queue.ready_total),
    ):
        say(f"  {title}: {total}")
        for entry in entries[:10]:
            say(f"    {entry.unit_id}  {entry.operation}  since {call.words.day_and_clock(entry.since)}")
        if total > len(entries[:10]):
            say(f"    +{total - len(entries[:10])} more")
    return Exit.OK


async def _refused(call: Call) -> int:
    from kiosk.wording.rejections import spoken

    async with call.store() as store:
        records = await store.refused_scans(call.options.station)
        words = await call.learn(store)
    if call.wants_json:
        print_json(
            [
                {
                    "at": record.occurred_at,
                    "recorded_at": record.recorded_at,
                    "station": record.station_id,
                    "operator": record.operator_id,
                    "scanned": record.scanned,
                    "unit": record.unit_id,
                    "refusal": type(record.rejection).__name__ if record.rejection else None,
                    "words": spoken(record.rejection, words).sentence if record.rejection else None,
                }
                for record in records
            ]
        )
        return Exit.OK
    print_table(
        ("WHEN", "WHERE", "WHO", "SCANNED", "WHY"),
        [
            (
                words.date_and_clock(record.occurred_at),
                record.station_id or "office",
                record.operator_id or "",
                Escaped(record.scanned or ""),
                Escaped(spoken(record.rejection, words).sentence if record.rejection else ""),
            )
            for record in records
        ],
        empty="Nothing was refused.",
    )
    return Exit.OK


# -- people --------------------------------------------------------------------


async def _load_operators(call: Call) -> int:
    return await call.carry_out_all(load_operators(call.options.file, at=call.now, by=call.operator), same_is_fine=True)


async def _add_operator(call: Call) -> int:
    options = call.options
    async with call.store() as store:
        known = await store.operator(options.badge)
    name = options.name or (known.name if known else None)
    if name is None:
        raise UsageError(f'{options.badge} is nobody\'s badge yet: --name "…" says whose it is to be.')
    named = [*(known.roles if known else ()), *options.roles]
    if known is None:
        named = named or [OperatorRole.OPERATOR]
    elif not named:
        raise UsageError(f"The badge {options.badge} is withdrawn: --role gives it back.")
    roles = tuple(OperatorRole(role) for role in dict.fromkeys(named) if role not in options.without)
    if not roles:
        raise UsageError(f"That would leave no role. A badge that is to end: kiosk operator withdraw {options.badge}")
    return await _register(call, options.badge, name, roles)


async def _withdraw_badge(call: Call) -> int:
    badge = call.options.badge
    async with call.store() as store:
        known = await store.operator(badge)
    if known is None:
        raise UsageError(f"{badge} is nobody's badge; kiosk operator list shows them all.")
    return await _register(call, badge, known.name, ())


async def _register(call: Call, badge: OperatorId, name: str, roles: tuple[OperatorRole, ...]) -> int:
    return await call.carry_out(
        RegisterOperator(
            at=call.now,
            operator_id=call.operator,
            station_id=None,
            badge=badge,
            name=name,
            roles=roles,
        ),
        same_is_fine=True,
    )


def ask_pin(prompt: str) -> str:
    """A PIN from the terminal, not echoed, or the first line of standard input where that is no terminal."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().strip()


async def _set_pin(call: Call) -> int:
    badge = call.options.badge
    pin = ask_pin(f"New PIN of {badge}: ")
    if not is_acceptable(pin):
        raise UsageError(f"A PIN has {MIN_PIN_DIGITS} to {MAX_PIN_DIGITS} digits, not all the same.")
    if sys.stdin.isatty() and ask_pin("Again: ") != pin:
        raise UsageError("The two were not the same; nothing was changed.")
    secret = hash_pin(pin, secrets.token_bytes(_SALT_BYTES))
    return await call.carry_out(
        SetOperatorPin(at=call.now, operator_id=call.operator, station_id=None, badge=badge, secret=secret)
    )


async def _list_operators(call: Call) -> int:
    async with call.store() as store:
        operators = await store.operators()
    if call.wants_json:
        print_json(operators)
        return Exit.OK
    print_table(
        ("BADGE", "ROLES", "PIN", "NAME"),
        [
            (one.operator_id, " ".join(one.roles) or "(withdrawn)", "yes" if one.has_pin else "no", one.name)
            for one in operators
        ],
        empty="There is nobody. kiosk operator load takes people from a file, kiosk operator add adds one.",
    )
    return Exit.OK
