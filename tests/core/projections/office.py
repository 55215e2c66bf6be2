"""Facts of the office: orders, jobs, containers, stations, people, products."""

from core.domain.events import (
    HelpAnswered,
    HelpCalled,
    JobCancelled,
    JobCompleted,
    JobCreated,
    JobHeld,
    JobPriorityChanged,
    JobResumed,
    JobStarted,
    OperatorPinSet,
    OperatorRegistered,
    OrderCancelled,
    OrderFulfilled,
    OrderPlaced,
    PackNested,
    PackOpened,
    PackSealed,
    PackShipped,
    ProductSpecDefined,
    PromiseDateChanged,
    SetPacked,
    StationDefined,
    StationDowntimeEnded,
    StationDowntimeStarted,
    StationStopCleared,
)
from core.domain.values import (
    OperationType,
    OperatorRole,
    OrderLine,
    PackKind,
    PinSecret,
    ProductSpec,
    Route,
    RouteStep,
    StationDefinition,
    StationRole,
    StopClearedBy,
    UnitKind,
)
from core.identity.ids import CommandId, PackId, StationId, card_unit_id
from tests.core.projections.lives import (
    BOX,
    CUT,
    JOB,
    MANAGER,
    OPERATOR,
    ORDER,
    PRINT,
    PRODUCT,
    QA,
    SET,
    SHEET,
    SPEC,
    Life,
    minute,
    operation_of,
)

CASE = PackId("CS000001")
PROMISE = minute(10_000)


def spec(version: int = 1, name: str = PRODUCT) -> ProductSpec:
    """Return a product of 18 cards: print, cut, inspect."""
    return ProductSpec(
        code=SPEC,
        version=version,
        name=name,
        n_up=18,
        rows=3,
        columns=6,
        run_of=99,
        route=Route(
            steps=(
                RouteStep(operation=operation_of(PRINT), work=PRINT, unit=UnitKind.SHEET),
                RouteStep(operation=operation_of(CUT), work=CUT, unit=UnitKind.SHEET, after=(operation_of(PRINT),)),
                RouteStep(operation=operation_of(QA), work=QA, unit=UnitKind.CARD, after=(operation_of(CUT),)),
            )
        ),
    )


def station(name: str = "First bench") -> StationDefinition:
    """Return an inspection bench."""
    return StationDefinition(
        station_id=StationId("QA-1"),
        name=name,
        role=StationRole.QA,
        work=(OperationType.QA,),
        units_per_hour=240.0,
        queue_limit=60,
    )


def order_placed(life: Life) -> Life:
    """Say that the order was placed."""
    return life.say(
        OrderPlaced(
            occurred_at=life.now,
            operator_id=MANAGER,
            station_id=None,
            order_id=ORDER,
            customer="North Court Games",
            lines=(OrderLine(line=1, spec_code=SPEC, sets=20), OrderLine(line=2, spec_code=SPEC, sets=5)),
            promise_at=PROMISE,
            priority=3,
        )
    )


def order_cancelled(life: Life) -> Life:
    """Say that the order was given up."""
    return life.say(
        OrderCancelled(
            occurred_at=life.now, operator_id=MANAGER, station_id=None, order_id=ORDER, reason="customer withdrew"
        )
    )


def order_fulfilled(life: Life) -> Life:
    """Say that the order is produced."""
    return life.say(
        OrderFulfilled(occurred_at=life.now, operator_id=None, station_id=None, order_id=ORDER, job_ids=(JOB,))
    )


def job_created(life: Life) -> Life:
    """Say that the job was made."""
    return life.say(
        JobCreated(
            occurred_at=life.now,
            operator_id=MANAGER,
            station_id=None,
            job_id=JOB,
            order_id=ORDER,
            order_line=1,
            customer="North Court Games",
            spec=spec(2),
            sheet_count=20,
            overs=0,
            priority=3,
            promise_at=PROMISE,
        )
    )


def job_started(life: Life) -> Life:
    """Say that the job was released."""
    return life.say(JobStarted(occurred_at=life.now, operator_id=MANAGER, station_id=None, job_id=JOB, sheet_count=20))


def job_held(life: Life, reason: str = "foil missing") -> Life:
    """Say that the job was held."""
    return life.say(JobHeld(occurred_at=life.now, operator_id=MANAGER, station_id=None, job_id=JOB, reason=reason))


def job_resumed(life: Life) -> Life:
    """Say that the job goes on."""
    return life.say(JobResumed(occurred_at=life.now, operator_id=MANAGER, station_id=None, job_id=JOB))


def job_cancelled(life: Life) -> Life:
    """Say that the job was given up."""
    return life.say(
        JobCancelled(occurred_at=life.now, operator_id=MANAGER, station_id=None, job_id=JOB, reason="withdrawn")
    )


def job_completed(life: Life) -> Life:
    """Say that the job's sets are all packed."""
    return life.say(
        JobCompleted(
            occurred_at=life.now, operator_id=None, station_id=None, job_id=JOB, order_id=ORDER, sets_packed=20
        )
    )


def job_rescheduled(life: Life) -> Life:
    """Say that the job became urgent and is due sooner."""
    life.say(JobPriorityChanged(occurred_at=life.now, operator_id=MANAGER, station_id=None, job_id=JOB, was=3, now=1))
    return life.say(
        PromiseDateChanged(
            occurred_at=life.now, operator_id=MANAGER, station_id=None, job_id=JOB, was=PROMISE, now=minute(500)
        )
    )


def pack_opened(life: Life, pack: PackId = BOX, kind: PackKind = PackKind.BOX) -> Life:
    """Say that a container was opened."""
    return life.say(
        PackOpened(
            occurred_at=life.now,
            operator_id=OPERATOR,
            station_id=StationId("PACK-1"),
            pack_id=pack,
            kind=kind,
            job_id=JOB if kind is PackKind.BOX else None,
        )
    )


def set_packed(life: Life, where: str = "PACK-1") -> Life:
    """Say that the third sheet's set was put into the box."""
    return life.say(
        SetPacked(
            occurred_at=life.now,
            operator_id=OPERATOR,
            station_id=StationId(where),
            assembly_id=SET,
            sheet_id=SHEET,
            job_id=JOB,
            spec_code=SPEC,
            pack_id=BOX,
            card_unit_ids=tuple(card_unit_id(SHEET, position) for position in range(1, 19)),
        )
    )


def pack_sealed(life: Life, pack: PackId = BOX) -> Life:
    """Say that a container was sealed."""
    return life.say(
        PackSealed(
            occurred_at=life.now,
            operator_id=OPERATOR,
            station_id=StationId("PACK-1"),
            pack_id=pack,
            kind=PackKind.BOX,
            contents=1,
        )
    )


def pack_nested(life: Life) -> Life:
    """Say that the box was put into the case."""
    return life.say(
        PackNested(occurred_at=life.now, operator_id=OPERATOR, station_id=StationId("PACK-1"), pack_id=BOX, into=CASE)
    )


def pack_shipped(life: Life, pack: PackId = BOX) -> Life:
    """Say that a container left the house."""
    return life.say(
        PackShipped(
            occurred_at=life.now,
            operator_id=OPERATOR,
            station_id=StationId("PACK-1"),
            pack_id=pack,
            carrier="Parcel Post",
            tracking_reference="TR-1",
        )
    )


def station_defined(life: Life, name: str = "First bench") -> Life:
    """Say that the station was set up."""
    return life.say(StationDefined(occurred_at=life.now, operator_id=MANAGER, station_id=None, station=station(name)))


def station_down(life: Life) -> Life:
    """Say that the station stands still."""
    return life.say(
        StationDowntimeStarted(
            occurred_at=life.now,
            operator_id=OPERATOR,
            station_id=StationId("QA-1"),
            at_station=StationId("QA-1"),
            reason="lamp broken",
        )
    )


def station_up(life: Life) -> Life:
    """Say that the station works again."""
    return life.say(
        StationDowntimeEnded(
            occurred_at=life.now,
            operator_id=OPERATOR,
            station_id=StationId("QA-1"),
            at_station=StationId("QA-1"),
        )
    )


def help_called(life: Life) -> Life:
    """Say that somebody asked for a lead."""
    return life.say(
        HelpCalled(
            occurred_at=life.now,
            operator_id=OPERATOR,
            station_id=StationId("QA-1"),
            at_station=StationId("QA-1"),
            note="wrong stock?",
        )
    )


def help_answered(life: Life) -> Life:
    """Say that a lead took the call."""
    return life.say(
        HelpAnswered(
            occurred_at=life.now,
            operator_id=MANAGER,
            station_id=StationId("LEAD-1"),
            at_station=StationId("QA-1"),
        )
    )


def stop_cleared(life: Life, number: int) -> Life:
    """Say that the RESET card was held before the station's stop of that number."""
    return life.say(
        StationStopCleared(
            occurred_at=life.now,
            operator_id=OPERATOR,
            station_id=StationId("QA-1"),
            at_station=StationId("QA-1"),
            number=number,
            stop=CommandId(f"a stop {number}"),
            refusal="CardVoided",
            unit_id="J1044-S001-01",
            raised_at=life.now,
            cleared_by=StopClearedBy.RESET_CARD,
            ignored=0,
        )
    )


def operator_registered(life: Life, *roles: OperatorRole) -> Life:
    """Say that a badge was handed out."""
    return life.say(
        OperatorRegistered(
            occurred_at=life.now,
            operator_id=MANAGER,
            station_id=None,
            badge=OPERATOR,
            name="Operator 42",
            roles=roles or (OperatorRole.OPERATOR,),
        )
    )


def pin_set(life: Life) -> Life:
    """Say that the badge's PIN was chosen."""
    return life.say(
        OperatorPinSet(
            occurred_at=life.now,
            operator_id=OPERATOR,
            station_id=None,
            badge=OPERATOR,
            secret=PinSecret("5a17", "d16e57"),
        )
    )


def spec_defined(life: Life, version: int = 1, name: str = PRODUCT) -> Life:
    """Say that the product was described."""
    return life.say(
        ProductSpecDefined(occurred_at=life.now, operator_id=MANAGER, station_id=None, spec=spec(version, name))
    )
