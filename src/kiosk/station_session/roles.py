"""Which half of a session each role has. A new role is a module and a line here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from core.domain.values import StationRole
from kiosk.qa_entry import QaCatalogue
from kiosk.station_session.assembly_work import AssemblyWork
from kiosk.station_session.batch_work import BatchWork
from kiosk.station_session.cutter_work import CutterWork
from kiosk.station_session.lead_work import LeadWork
from kiosk.station_session.packing_work import PackingWork
from kiosk.station_session.qa_work import QaWork
from kiosk.station_session.work import Desk, Surroundings, Work

WORK_OF_ROLE: Mapping[StationRole, Callable[[Surroundings, Desk], Work]] = MappingProxyType(
    {
        StationRole.PRESS: BatchWork,
        StationRole.EMBELLISH: BatchWork,
        StationRole.CARDOPS: BatchWork,
        StationRole.CUTTER: CutterWork,
        StationRole.ASSEMBLY: AssemblyWork,
        StationRole.PACKING: PackingWork,
        StationRole.LEAD: LeadWork,
    }
)
"""Every role but QA, which needs the shop's codes as well."""


def work_of(catalogue: QaCatalogue) -> Callable[[Surroundings, Desk], Work]:
    """Return what makes a station's half of the session, whatever its role."""

    def make(around: Surroundings, desk: Desk) -> Work:
        if around.station.role is StationRole.QA:
            return QaWork(around, desk, catalogue)
        return WORK_OF_ROLE[around.station.role](around, desk)

    return make
