"""What can go wrong between the product and its database, as the product's own errors.

``store.translating`` is the one seam that turns the driver's exceptions into these, by
SQLSTATE and constraint name. Every error carries data and says in one sentence,
fit for a screen, what is wrong; ``StoreUnavailable`` and its kinds mean "try
again", the others mean that somebody has to act.
"""

# ruff: noqa: N818 - the rooms above name these states in words: except StoreUnavailable

from collections.abc import Callable


class StoreError(Exception):
    """The base of everything that the store raises on purpose."""

    def __reduce__(self) -> tuple[Callable[..., "StoreError"], tuple[object, ...]]:
        """Travel whole from the process of a rebuild, whatever the constructor takes."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[StoreError], arguments: tuple[object, ...], fields: dict[str, object]) -> StoreError:
    error = kind.__new__(kind)
    error.args = arguments
    error.__dict__.update(fields)
    return error


# -- try again -----------------------------------------------------------------


class StoreUnavailable(StoreError):
    """The database cannot be reached, or the connection to it was lost.

    ``outcome_unknown`` is True where a command was on its way: delivered again with
    its command id it has its effect once and gives its one answer.
    """

    def __init__(self, detail: str, *, outcome_unknown: bool = False) -> None:
        super().__init__(f"The database cannot be reached: {detail}")
        self.detail = detail
        self.outcome_unknown = outcome_unknown


class StoreTimeout(StoreUnavailable):
    """The database did not answer in time."""

    def __init__(self, detail: str, *, outcome_unknown: bool = True) -> None:
        super().__init__(detail, outcome_unknown=outcome_unknown)


class ServerNotTrusted(StoreUnavailable):
    """TLS was asked for, and whoever answered could not prove to be the server; nothing was sent."""

    def __init__(self, detail: str, cure: str) -> None:
        super().__init__(f"whoever answers is not trusted: {detail}. {cure}")
        self.cure = cure


class ServerReadOnly(StoreUnavailable):
    """The server takes no writes: a standby, or one that was fenced while another takes over. Nothing was written."""


class StoreBusy(StoreUnavailable):
    """Others changed the same units at every one of ``attempts`` attempts; nothing was written."""

    def __init__(self, attempts: int) -> None:
        super().__init__(f"others changed the same units {attempts} times in a row")
        self.attempts = attempts


class TablesInUse(StoreError):
    """A rebuild could not put its tables in place, or a verify not compare them, for what others did; nothing changed.

    The database itself was there: it is no outage.
    """


# -- somebody has to act -------------------------------------------------------


class DatabaseAddressWrong(StoreError):
    """The connection string cannot be read; it may hold a password, so it is not repeated."""

    def __init__(self) -> None:
        super().__init__(
            "The address of the database cannot be read (it is not shown, for it may hold a password): write"
            " postgresql://user@host/database or host=… dbname=…, and in an address that begins with postgresql://"
            " write signs such as @ : / # % and blanks of a password as %40 %3A %2F %23 %25 %20. kiosk doctor tries it."
        )


class PostgresTooOld(StoreError):
    """The server is older than the product can use; versions as libpq numbers them, e.g. 140011."""

    def __init__(self, found: int, needed: int) -> None:
        super().__init__(f"This is Postgres {found // 10000}; Postgres {needed // 10000} or newer is needed.")
        self.found = found
        self.needed = needed


class DatabaseNotUtf8(StoreError):
    """The database keeps its texts in an encoding that cannot hold every name."""

    def __init__(self, database: str, encoding: str) -> None:
        super().__init__(
            f"The database {database!r} keeps its texts as {encoding}, and UTF8 is needed. Make it anew:"
            " createdb --encoding UTF8 --template template0, then kiosk db init."
        )
        self.database = database
        self.encoding = encoding


class SchemaMissing(StoreError):
    """The database has never been set up."""

    def __init__(self, database: str) -> None:
        super().__init__(f"The database {database!r} is not set up yet: run kiosk db init.")
        self.database = database


class SchemaTooOld(StoreError):
    """The database lacks migrations that this version of the product needs."""

    def __init__(self, found: int, needed: int) -> None:
        super().__init__(f"The database has schema version {found}, this program needs {needed}: run kiosk db migrate.")
        self.found = found
        self.needed = needed


class SchemaTooNew(StoreError):
    """The database was migrated by a newer version of the product than this one."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(f"The database has schema version {found}, this program knows {known}: update the program.")
        self.found = found
        self.known = known


class BackupUnusable(StoreError):
    """A file that is no backup, or not a whole one."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(f"{path} cannot be restored: {detail}")
        self.path = path
        self.detail = detail


class RestoreIntoUsed(StoreError):
    """A restore was asked for into a database that is not empty."""

    def __init__(self, table: str) -> None:
        super().__init__(f"The database is not empty ({table} is in it): restore into a new one.")
        self.table = table


class SchemaChanged(StoreError):
    """A migration that the database has was not the one that this program knows by its number."""

    def __init__(self, version: int, name: str) -> None:
        super().__init__(f"Migration {version} ({name}) is not what was applied to this database.")
        self.version = version
        self.name = name


class LogOnlyGrows(StoreError):
    """Somebody tried to change or remove events; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("The event log only grows: events are never changed or removed.")


class StorePermissionDenied(StoreError):
    """The database role may not do this."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"The database refuses: {detail}")
        self.detail = detail


class UnstorableText(StoreError):
    """A text holds what Postgres cannot keep, such as NUL."""

    def __init__(self) -> None:
        super().__init__("A text holds a character that cannot be stored.")


class LogDamaged(StoreError):
    """A stream of the log lacks a version, or holds what no version of the product wrote."""

    def __init__(self, stream: str, detail: str) -> None:
        super().__init__(f"The log of {stream} is damaged: {detail}")
        self.stream = stream
        self.detail = detail


class EventFromTheFuture(StoreError):
    """The log holds an event of a newer schema version, or of a type, that this program does not know."""

    def __init__(self, event_type: str, found: int, known: int) -> None:
        super().__init__(f"The log holds {event_type} version {found}, this program knows {known}: update the program.")
        self.event_type = event_type
        self.found = found
        self.known = known


class CheckpointForeign(StoreError):
    """A checkpoint was made in another database cluster, where its transaction ids mean something else."""

    def __init__(self, follower: str) -> None:
        super().__init__(f"{follower} has read another database cluster: let it start from the beginning.")
        self.follower = follower


class DatabaseFault(StoreError):
    """Anything else that the database says; a fault of the program. ``sqlstate`` may be empty."""

    def __init__(self, sqlstate: str, detail: str) -> None:
        super().__init__(f"The database reports a fault ({sqlstate or 'no code'}): {detail}")
        self.sqlstate = sqlstate
        self.detail = detail


class RowInTheWay(DatabaseFault):
    """A row stands where one of a new unit is to be written, though no event ever made it."""

    def __init__(self, sqlstate: str, detail: str, table: str) -> None:
        super().__init__(sqlstate, detail)
        self.table = table


# -- what the write path handles and never lets out ------------------------------


class VersionConflict(StoreError):
    """Another writer appended to one of the streams first."""


class TransactionConflict(StoreError):
    """A deadlock or a serialization failure: the same statement may succeed the next time."""


class ConnectionRemade(StoreUnavailable):
    """What was read came over a connection that is gone, perhaps from another database; nothing was sent."""


class CommandRepeated(StoreError):
    """The command id has an answer already."""


class ClaimContested(StoreError):
    """A claim is held by another unit; which one is not said."""


class BadKey(StoreError):
    """A key, or a signed head, that cannot be used; the sentence says which and what to do."""


class HeadForged(StoreError):
    """A signed head that was changed, or was signed with another key."""

    def __init__(self) -> None:
        super().__init__("The signed head was changed since, or was signed with another key: it proves nothing.")


# -- what is held on the terminal itself ---------------------------------------


class SpoolFull(StoreError):
    """The terminal's disk is full: nothing more can be kept, so nothing more may be accepted."""

    def __init__(self, path: str) -> None:
        super().__init__(f"The disk is full, so no scan can be kept here any more: make room for {path}")
        self.path = path


class SpoolBusy(StoreError):
    """Another kiosk process of this station holds its spool; ``process`` is its number, where it is known."""

    said = "Another kiosk of this station is running here{process}: it holds {path}"

    def __init__(self, path: str, *, process: str = "", station: str = "") -> None:
        number = f" (process {process})" if process else ""
        whose = f"The kiosk of {station}" if station else "Another kiosk"
        super().__init__(self.said.format(path=path, process=number, whose=whose))
        self.path = path
        self.process = process
        self.station = station


class SpoolLent(SpoolBusy):
    """The kiosk of another station on this machine has the spool open to deliver it, and has not let go of it yet."""

    said = "{whose} on this machine{process} still has {path} open, to deliver what is in it"


class SpoolBroken(StoreError):
    """The spool cannot be written or read; what is in it stays as it is."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(f"Scans cannot be kept in {path}: {detail}")
        self.path = path
        self.detail = detail


class SpoolDamaged(SpoolBroken):
    """What the disk has is not what was written; opened anew, the file is saved as far as it can be read."""


class SpoolUnread(StoreError):
    """Whether anything waits in the spool is not known, so nothing new may be recorded before it."""

    def __init__(self, why: StoreError | None) -> None:
        super().__init__(f"What waits here is not known. {why}")
        self.why = why


class SpoolTaken(SpoolBroken):
    """Somebody removed or replaced the file under a kiosk at work, which alone still has what was kept in it."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "the file was taken away while the kiosk was at work. Do not restart the kiosk")
