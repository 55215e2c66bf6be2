"""TLS: a kiosk speaks to the server that its authority vouches for, by its name, and to nobody else."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from store import Store, migrate
from store.checkup import check_up
from store.embedded_binaries import PostgresBinaries, ServerUser, _candidates, _inspect, run_as, server_user
from store.errors import ServerNotTrusted
from tests.support.bare_servers import Server
from tests.support.proxy import line_to
from tests.support.servers import server_folder

HOST = "db.shop"


def _binaries_with_tls(user: ServerUser) -> PostgresBinaries | None:
    for folder in _candidates():
        found = _inspect(folder, user)
        if found is None:
            continue
        # Where the server's user may look: programs below /root are copied for it.
        config = found.folder / "pg_config"
        if config.is_file() and "openssl" in run_as(user, [config, "--configure"], 20).stdout:
            return found
    return None


def _why_not() -> str:
    if shutil.which("openssl") is None:
        return "no openssl on this machine to make certificates with"
    return "" if _binaries_with_tls(server_user()) else "no Postgres with TLS on this machine (package postgresql)"


pytestmark = pytest.mark.skipif(bool(_why_not()), reason=_why_not())


@dataclass(frozen=True)
class Authority:
    """Who signs certificates."""

    key: Path
    certificate: Path

    @classmethod
    def make(cls, folder: Path, name: str) -> "Authority":
        """Begin a new authority, as docs/security.md does."""
        made = cls(folder / f"{name}.key", folder / f"{name}.pem")
        _openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", f"/CN={name}", "-keyout", str(made.key), "-out", str(made.certificate),
        )  # fmt: skip
        return made

    def sign(self, folder: Path, host: str) -> tuple[Path, Path]:
        """Return the key and the certificate of a server of this name."""
        key, request, certificate = (folder / f"server.{kind}" for kind in ("key", "csr", "crt"))
        _openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={host}",
            "-addext", f"subjectAltName=DNS:{host}", "-keyout", str(key), "-out", str(request),
        )  # fmt: skip
        _openssl(
            "x509", "-req", "-in", str(request), "-CA", str(self.certificate), "-CAkey", str(self.key),
            "-CAcreateserial", "-copy_extensions", "copy", "-days", "2", "-out", str(certificate),
        )  # fmt: skip
        return key, certificate


def _openssl(*arguments: str) -> None:
    made = subprocess.run(["openssl", *arguments], check=False, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


@dataclass(frozen=True)
class Shop:
    """A server with a certificate, and the authorities that a kiosk may know."""

    server: Server
    ours: Authority
    foreign: Authority

    def dsn(self, *, host: str = HOST, root: Path | None = None, mode: str = "verify-full", user: str = "t") -> str:
        """What a kiosk is given; by default all of it right."""
        return make_conninfo(
            host=host, hostaddr="127.0.0.1", port=self.server.port, user=user, dbname="kiosk", connect_timeout=2,
            sslmode=mode, sslrootcert=str(root or self.ours.certificate), password="geheim-17",
        )  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A server that takes terminals over TLS only."""
    user = server_user()
    binaries = _binaries_with_tls(user)
    assert binaries is not None
    certificates = tmp_path_factory.mktemp("certificates")
    ours, foreign = Authority.make(certificates, "our-authority"), Authority.make(certificates, "another")
    with server_folder("tls") as folder:
        server = Server(
            folder, binaries, user, {"ssl": "on", "ssl_cert_file": "server.crt", "ssl_key_file": "server.key"}
        )
        server.initialize()
        for made in ours.sign(certificates, HOST):
            shutil.copy(made, folder / made.name)
            (folder / made.name).chmod(0o600)
        hba = folder / "pg_hba.conf"
        hba.write_text(f"hostnossl all t 127.0.0.1/32 reject\n{hba.read_text()}")
        server.own(folder)
        try:
            server.start()
            server.run("CREATE DATABASE kiosk")
            server.run("CREATE ROLE t SUPERUSER LOGIN")
            yield Shop(server, ours, foreign)
        finally:
            server.kill()


async def test_the_right_server_is_worked_with(shop: Shop) -> None:
    """Signed by the authority, under the name in the address; encrypted."""
    await migrate(shop.dsn())
    async with await Store.open(shop.dsn()) as store:
        assert await store.stations() == ()
    assert (await check_up(shop.dsn())).tls == "TLSv1.3"


async def refused(dsn: str) -> str:
    """Return what is said to whoever opens a store; nothing in it is secret."""
    with pytest.raises(ServerNotTrusted) as error:
        await Store.open(dsn)
    assert not error.value.outcome_unknown
    assert error.value.__cause__ is None
    assert "geheim" not in str(error.value)
    return str(error.value)


async def test_a_server_of_another_name_is_refused(shop: Shop) -> None:
    """Somebody else's certificate of the same authority is no proof."""
    said = await refused(shop.dsn(host="other.shop"))
    assert 'server certificate for "db.shop" does not match host name "other.shop"' in said
    assert said.endswith(
        "Name the host in the address as its certificate names it, or give the server a certificate for this name."
    )


async def test_a_server_that_an_unknown_authority_vouches_for_is_refused(shop: Shop) -> None:
    """Whoever stands in between can make certificates, too."""
    said = await refused(shop.dsn(root=shop.foreign.certificate))
    assert "certificate verify failed" in said
    assert said.endswith("Its certificate must be signed by the authority in sslrootcert, and be valid today.")


async def test_without_the_authoritys_certificate_nobody_is_trusted(shop: Shop, tmp_path: Path) -> None:
    """A file that is missing does not switch the check off."""
    said = await refused(shop.dsn(root=tmp_path / "missing.pem"))
    assert "missing.pem" in said
    assert said.endswith("Put the authority's certificate there, or name its file with sslrootcert.")


async def test_a_server_that_takes_encrypted_lines_only_says_so(shop: Shop) -> None:
    """An address without TLS is told what it lacks."""
    said = await refused(shop.dsn(mode="disable"))
    assert said.endswith(
        "The server takes encrypted lines only: add sslmode=verify-full and sslrootcert to the address."
    )


async def test_a_server_without_tls_is_refused_by_a_kiosk_that_asks_for_it(shop: Shop, postgres_dsn: str) -> None:
    """Whoever can strip the encryption can read everything, so it is not done without."""
    async with line_to(postgres_dsn) as line:
        certificate = str(shop.ours.certificate)
        said = await refused(make_conninfo(line.dsn, sslmode="verify-full", sslrootcert=certificate))
    assert said.endswith("Switch ssl on at the server; the address of the database asks for it.")
