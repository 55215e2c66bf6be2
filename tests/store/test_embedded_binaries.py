"""The programs of an embedded server: what is said of those that cannot be taken."""

import os
import pwd
from pathlib import Path

import pytest

from store import embedded_binaries
from store.embedded_binaries import EmbeddedServerError, ServerUser, postgres_binaries


def test_a_server_that_is_too_old_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found is in the sentence, with its place."""
    tmp_path.chmod(0o755)
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 9.6.24'\n", encoding="ascii")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(embedded_binaries, "_candidates", lambda: iter([tmp_path]))
    own = pwd.getpwuid(os.geteuid())
    with pytest.raises(EmbeddedServerError, match=r"15 or newer is needed, and only 9\.6\.24"):
        postgres_binaries(ServerUser(name=own.pw_name, uid=own.pw_uid, gid=own.pw_gid))
