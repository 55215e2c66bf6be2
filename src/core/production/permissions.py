"""Who may: the roles that a command takes, whoever gives it and from wherever.

Called by ``core.production.decisions`` before any rule looks at a command.
"""

from collections.abc import Mapping
from types import MappingProxyType

from core.domain.commands import (
    AnswerHelp,
    ApproveGate,
    CancelJob,
    CancelOrder,
    ChangePriority,
    ChangePromiseDate,
    ClearStop,
    Command,
    CorrectEvent,
    CreateReplacement,
    HoldJob,
    RecordQAResult,
    ResumeJob,
    SendToRework,
    SettleHeldScan,
    VoidCardUnit,
    VoidSheet,
)
from core.domain.rejections import NotPermitted, Rejection, UnknownOperator
from core.domain.values import OperatorRole, StopClearedBy
from core.production.badges import ANYBODY, lacking
from core.production.facts import Facts
from core.production.loaded import Loaded

_LEADS = (OperatorRole.LEAD, OperatorRole.MANAGER)
_INSPECTORS = (OperatorRole.INSPECTOR, *_LEADS)

_NEEDED: Mapping[type[Command], tuple[OperatorRole, ...]] = MappingProxyType(
    {
        RecordQAResult: _INSPECTORS,
        SettleHeldScan: ANYBODY,
        **dict.fromkeys(
            (
                VoidSheet, CreateReplacement, ApproveGate, HoldJob, ResumeJob, CancelJob, ChangePriority,
                ChangePromiseDate, CancelOrder, AnswerHelp, CorrectEvent,
            ),
            _LEADS,
        ),
    }
)  # fmt: skip


def roles_for(command: Command, facts: Facts) -> tuple[OperatorRole, ...]:
    """Return the roles of which the person needs one; empty where anybody may."""
    match command:
        case SendToRework() | VoidCardUnit():
            return _INSPECTORS if facts.policy.inspectors_decide else _LEADS
        case ClearStop(cleared_by=StopClearedBy.LEAD):
            # The RESET card is proof by itself; a lead's badge is one only while it is a lead's.
            return _LEADS
        case _:
            return _NEEDED.get(type(command), ())


def permission(command: Command, loaded: Loaded, facts: Facts) -> Rejection | None:
    """Refuse a command of somebody who may not give it."""
    roles = roles_for(command, facts)
    if not roles:
        return None
    if command.operator_id is None:
        return NotPermitted(operator_id=None, needed=roles)
    person = loaded.operator(command.operator_id)
    if person is None:
        return UnknownOperator(operator_id=command.operator_id)
    if person.roles and isinstance(command, CorrectEvent) and _is_own(command, loaded):
        # Everybody may take back a slip of their own, but for a withdrawn badge; somebody else's takes a lead.
        return None
    if not person.roles.intersection(roles):
        return lacking(person, roles)
    return None


def _is_own(command: CorrectEvent, loaded: Loaded) -> bool:
    events = loaded.history(command.stream).events
    return 1 <= command.version <= len(events) and events[command.version - 1].operator_id == command.operator_id
