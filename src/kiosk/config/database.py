"""Which database keeps the log. Secrets are refused here: they come from KIOSK_DSN or from a pgpass file."""

import re
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, Field, StrictBool, StrictStr, model_validator
from pydantic_core import PydanticCustomError

from kiosk.config.kinds import WholePath, plain_words, refused
from kiosk.toml_files import Table


def _without_secret(dsn: str) -> str:
    dsn = plain_words(dsn)
    if dsn.lower().startswith(("postgresql://", "postgres://")):
        try:
            parts = urlsplit(dsn)
            secret = parts.password is not None
        except ValueError:
            raise refused("this is no address of a database") from None
        keys = [key for key, _ in parse_qsl(parts.query)]
    else:
        secret = False
        keys = re.findall(r"(\w+)\s*=", dsn)
        if not keys:
            raise refused('an address such as "postgresql://…" or "host=… dbname=…"')
    if secret or any(key.lower() in {"password", "sslpassword"} for key in keys):
        # The message must not repeat the text: logs and screens would keep the password.
        raise PydanticCustomError("secret", "an address with a password in it (not shown)")
    return dsn


class DatabaseSettings(Table):
    """Which Postgres keeps the log: one named by a dsn, or a server that the product starts itself."""

    dsn: (
        Annotated[
            StrictStr,
            Field(max_length=2_000, description='"postgresql://kiosk@db.shop/kiosk", without a password'),
            AfterValidator(_without_secret),
        ]
        | None
    ) = None
    embedded: Annotated[StrictBool, Field(description="true or false")] = False
    folder: Annotated[WholePath, Field(description="the folder for the embedded server's files, from / on")] | None = (
        None
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> "DatabaseSettings":
        if self.dsn is not None and self.embedded:
            raise refused("dsn and embedded = true exclude each other: remove one")
        if self.dsn is not None and self.folder is not None:
            raise refused("folder belongs to the embedded server; with a dsn, remove it")
        return self
