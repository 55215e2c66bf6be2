"""Where a database is: what a connection string says, with whatever is secret in it kept out of every sentence.

The driver repeats pieces of a string that it cannot read, and a password with an unescaped ``@`` or ``/`` is
read as a host or a port. So a string is looked at here first, and refused without being shown.
"""

import re
from dataclasses import dataclass, field
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from store import errors

__all__ = ["DatabaseAddress"]

_SECRETS: Final = ("password", "sslpassword")
_PORTS: Final = re.compile(r"\d{0,5}(,\d{0,5})*")
_SHORTEST_SECRET: Final = 3
"""Characters; what is shorter would be found, and hidden, in half of all words."""


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """A connection string taken apart; its text and its representation show no secret."""

    named: dict[str, str] = field(repr=False)
    """What the string says, by libpq's names."""

    @classmethod
    def of(cls, dsn: str) -> "DatabaseAddress":
        """Take a connection string apart; raises DatabaseAddressWrong, which does not repeat it."""
        try:
            named = {key: str(value) for key, value in conninfo_to_dict(dsn).items() if value is not None}
        except (psycopg.Error, ValueError):
            raise errors.DatabaseAddressWrong from None
        whole = (named.get("host", ""), named.get("dbname", ""))
        if any("@" in part for part in whole) or not _PORTS.fullmatch(named.get("port", "")):
            raise errors.DatabaseAddressWrong
        if not named.get("connect_timeout", "0").strip().isdecimal():
            raise errors.DatabaseAddressWrong
        return cls(named)

    @property
    def servers(self) -> tuple[str, ...]:
        """The servers in the order in which they are tried, such as ``db1:5432``."""
        hosts = (self.named.get("host") or self.named.get("hostaddr") or "").split(",")
        ports = self.named.get("port", "").split(",")
        ports = ports * len(hosts) if len(ports) == 1 else ports
        return tuple(f"{host}:{port}" if port else host for host, port in zip(hosts, ports, strict=False))

    def without_secrets(self, text: str) -> str:
        """Return a text with the secrets of this address replaced by an ellipsis."""
        for key in _SECRETS:
            secret = self.named.get(key, "")
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, "…")
        return text

    def __str__(self) -> str:
        user = f"{self.named['user']}@" if "user" in self.named else ""
        return f"{user}{','.join(self.servers)}/{self.named.get('dbname', '')}"

    def __repr__(self) -> str:
        return f"DatabaseAddress({str(self)!r})"
