"""`kiosk order`: what was promised to whom, by when."""

import argparse
from pathlib import Path

from core.domain.commands import CancelOrder, PlaceOrder
from core.domain.rejections import UnknownOrder
from core.domain.values import OrderLine
from core.identity.ids import SpecCode, parse_spec_code
from kiosk.cli import arguments
from kiosk.cli.call import Call
from kiosk.cli.exits import Exit
from kiosk.cli.output import print_json, print_table, say
from kiosk.cli.parsers import Families
from kiosk.cli.times import parse_moment
from kiosk.printable import counted, shown
from kiosk.shop_files import load_orders

__all__ = ["register"]


def register(families: Families) -> None:
    """Add the commands of this family."""
    orders = families.family("order", "orders: place, load, list, show, cancel")
    place = orders.command(
        "place",
        _place,
        "take on a customer's order",
        acts=True,
        examples='  kiosk order place PO2026-0117 --customer "Harbour Games" --line DRAGONS-S3=40 --promise 2036-12-04',
    )
    place.add_argument("order", type=arguments.order_id, metavar="PO", help="the new order's id, PO2026-0117")
    place.add_argument("--customer", required=True, metavar="NAME")
    place.add_argument(
        "--line",
        dest="lines",
        action="append",
        required=True,
        type=_line,
        metavar="PRODUCT=SETS",
        help="a product and how many sets of it; once for each line",
    )
    place.add_argument("--promise", required=True, metavar="MOMENT", help='2036-12-04 or "2036-12-04 14:00"')
    place.add_argument("--priority", type=arguments.priority, default=5, metavar="1-9", help="1 is the most urgent")
    load = orders.command("load", _load, "place the orders of a file (docs/shop-files.md)", acts=True)
    load.add_argument("file", type=Path)
    listed = orders.command("list", _list, "all orders, by promise date", reads=True)
    listed.add_argument("--open", action="store_true", help="only those neither fulfilled nor cancelled")
    show = orders.command("show", _show, "one order with its lines and jobs", reads=True)
    show.add_argument("order", type=arguments.order_id, metavar="PO")
    cancel = orders.command("cancel", _cancel, "give an order and its jobs up (a lead's decision)", acts=True)
    cancel.add_argument("order", type=arguments.order_id, metavar="PO")
    cancel.add_argument("--reason", required=True)
    cancel.add_argument(
        "--with-running-jobs",
        action="store_true",
        help="also those started or on hold, which refuse it otherwise; what is packed stays packed",
    )


def _line(text: str) -> tuple[SpecCode, int]:
    named, _, sets = text.partition("=")
    spec = parse_spec_code(named)
    if spec is None or not sets.isascii() or not sets.isdigit() or len(sets) > 6:
        raise argparse.ArgumentTypeError(f'"{shown(text, 40)}" is no line; write PRODUCT=SETS, such as DRAGONS-S3=40')
    return spec, int(sets)


async def _place(call: Call) -> int:
    options = call.options
    return await call.carry_out(
        PlaceOrder(
            at=call.now,
            operator_id=call.operator,
            station_id=None,
            order_id=options.order,
            customer=options.customer,
            lines=tuple(
                OrderLine(line=number, spec_code=spec, sets=sets)
                for number, (spec, sets) in enumerate(options.lines, 1)
            ),
            promise_at=parse_moment(options.promise, now=call.now, zone=call.config.shop.zone, end_of_day=True),
            priority=options.priority,
        )
    )


async def _load(call: Call) -> int:
    commands = load_orders(call.options.file, at=call.now, by=call.operator, zone=call.config.shop.zone)
    return await call.carry_out_all(commands)


async def _list(call: Call) -> int:
    async with call.store() as store:
        orders = await store.orders(only_open=call.options.open)
        jobs = await store.jobs()
    if call.wants_json:
        print_json(orders)
        return Exit.OK
    print_table(
        ("ORDER", "STATE", "PRIO", "PROMISED", "SETS", "CUSTOMER", "JOBS"),
        [
            (
                order.order_id,
                order.status.lower(),
                order.priority,
                call.words.date_and_clock(order.promise_at),
                order.sets,
                order.customer,
                " ".join(job.job_id for job in jobs if job.order_id == order.order_id),
            )
            for order in orders
        ],
        empty="There are no orders. kiosk order place takes one on.",
    )
    return Exit.OK


async def _show(call: Call) -> int:
    async with call.store() as store:
        order = await store.order(call.options.order)
        jobs = await store.jobs_of(call.options.order)
    if order is None:
        return call.refuse(UnknownOrder(order_id=call.options.order))
    if call.wants_json:
        print_json({"order": order, "jobs": jobs})
        return Exit.OK
    say(f"{order.order_id}  {order.status.lower()}  for {shown(order.customer)}")
    say(f"  promised {call.words.date_and_clock(order.promise_at)}, priority {order.priority}")
    if order.cancel_reason:
        say(f"  cancelled: {shown(order.cancel_reason)}")
    for line in order.lines:
        say(f"  line {line.line}: {counted(line.sets, 'set')} of {line.spec_code}")
    for job in jobs:
        say(f"  job {job.job_id}: {job.status.lower()}, {job.sheet_count} sheets of {job.spec_code}")
    return Exit.OK


async def _cancel(call: Call) -> int:
    return await call.carry_out(
        CancelOrder(
            at=call.now,
            operator_id=call.operator,
            station_id=None,
            order_id=call.options.order,
            reason=call.options.reason,
            with_running_jobs=call.options.with_running_jobs,
        )
    )
