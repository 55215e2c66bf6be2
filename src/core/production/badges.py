"""Badges: what is said of one that may not do what somebody wants to do with it."""

from core.domain.models import Operator
from core.domain.readings import BadgeRead
from core.domain.rejections import NotPermitted
from core.domain.values import OperatorRole

ANYBODY = tuple(OperatorRole)
"""Whoever has a badge: it is to be known who it was."""


def lacking(person: BadgeRead | Operator, needed: tuple[OperatorRole, ...]) -> NotPermitted:
    """Refuse somebody who has none of these roles.

    Whose badge was withdrawn, which is one without a role, may do nothing at all, and is told apart by that.
    """
    return NotPermitted(operator_id=person.operator_id, needed=needed if person.roles else ANYBODY)


def presented(badge: BadgeRead) -> BadgeRead | NotPermitted:
    """Return a badge that somebody scanned; one that was withdrawn is refused."""
    return badge if badge.roles else lacking(badge, ANYBODY)
