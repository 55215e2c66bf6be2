"""The one seam where the driver's exceptions become the store's errors."""

import logging
from typing import Final

import psycopg

from store import errors
from store.address import DatabaseAddress

_NOT_TRUSTED: Final = (
    (
        "does not match host name",
        "Name the host in the address as its certificate names it, or give the server a certificate for this name.",
    ),
    (
        "certificate verify failed",
        "Its certificate must be signed by the authority in sslrootcert, and be valid today.",
    ),
    ("root certificate file", "Put the authority's certificate there, or name its file with sslrootcert."),
    (
        "no encryption",
        "The server takes encrypted lines only: add sslmode=verify-full and sslrootcert to the address.",
    ),
    ("does not support SSL", "Switch ssl on at the server; the address of the database asks for it."),
)
"""What libpq says where TLS was asked for and could not be had, and what to do."""

# The driver logs what it raises as well, with parts of what was sent, and Python prints what no handler takes.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

_UNREACHABLE_CLASSES = ("08", "57P")
_FULL_CLASSES = ("53",)


def translated(error: psycopg.Error, *, sent: bool, timed_out: bool = False) -> errors.StoreError:
    """Return the store's error for one of the driver's; ``sent`` where a statement was on its way."""
    state = error.sqlstate or ""
    constraint = error.diag.constraint_name or ""
    detail = (error.diag.message_primary or str(error).strip() or type(error).__name__).splitlines()[0]
    match state, constraint:
        case "23505", "production_events_one_of_a_version":
            return errors.VersionConflict(detail)
        case "23505", "commands_pkey":
            return errors.CommandRepeated(detail)
        case "23505", _ if (table := error.diag.table_name or "").startswith("rm_"):
            return errors.RowInTheWay(state, detail, table)
        case "23514", "claims_have_one_holder":
            return errors.ClaimContested(detail)
        case "23502", _ if error.diag.table_name == "commands" and error.diag.column_name == "command_type":
            # A guard of the write path: a stream that the decision looked at has moved on.
            return errors.VersionConflict(detail)
        case (("40001" | "40P01"), _):
            return errors.TransactionConflict(detail)
        case "KE001", _:
            return errors.LogOnlyGrows()
        case "42501", _:
            return errors.StorePermissionDenied(detail)
        case (("57014" | "55P03"), _):
            # The server itself stopped the statement, so nothing of it was written.
            return errors.StoreTimeout(detail, outcome_unknown=False)
        case "25006", _:
            # A standby, or a server that was made read-only while another takes over: it wrote nothing.
            return errors.ServerReadOnly(detail)
        case (("22P05" | "22021"), _):
            return errors.UnstorableText()
        case _ if state.startswith((*_UNREACHABLE_CLASSES, *_FULL_CLASSES, "28", "3D", "25P03", "58")):
            return errors.StoreUnavailable(detail, outcome_unknown=sent and not state.startswith(_FULL_CLASSES))
        case "", _ if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            if timed_out:
                return errors.StoreTimeout("it did not answer in time", outcome_unknown=sent)
            return errors.StoreUnavailable(detail, outcome_unknown=sent)
        case "", _ if isinstance(error, psycopg.DataError):
            return errors.UnstorableText()
        case _:
            return errors.DatabaseFault(state, detail)


def not_connected(error: psycopg.Error, address: DatabaseAddress) -> errors.StoreError:
    """Return the store's error for an attempt to connect, to every server that the address names; it tells no secret.

    Raise it ``from None``: what the driver says may repeat what the connection string says.
    """
    failure = translated(error, sent=False)
    if not isinstance(failure, errors.StoreUnavailable):
        return failure
    said = address.without_secrets(str(error))
    detail = address.without_secrets(failure.detail)
    for sign, cure in _NOT_TRUSTED:
        if sign in said:
            return errors.ServerNotTrusted(detail, cure)
    if len(address.servers) > 1:
        detail = f"none of {', '.join(address.servers)} answers and can be written to; the last said: {detail}"
    return type(failure)(detail, outcome_unknown=False)
