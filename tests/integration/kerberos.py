"""A realm of the tests' own: MIT's krb5kdc on loopback, with keys for a server and for the bridge."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.integration.ensemble import SCALE, wait_for
from zkbridge.lab.ports import free_ports

REALM = "ZOOSCOPE.TEST"
CLIENT = f"bridge@{REALM}"
SERVICE = f"zookeeper/localhost@{REALM}"

CONFIGURATION = """[libdefaults]
    default_realm = {realm}
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
[realms]
    {realm} = {{
        kdc = 127.0.0.1:{port}
    }}
"""

KDC = """[kdcdefaults]
    kdc_listen = ""
    kdc_tcp_listen = 127.0.0.1:{port}
[realms]
    {realm} = {{
        database_name = {folder}/principal
        key_stash_file = {folder}/stash
        acl_file = {folder}/acl
    }}
"""

JAAS = """Server {{
    com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true useTicketCache=false
    keyTab="{keytab}" principal="{principal}";
}};
"""


def present() -> bool:
    """Whether Kerberos' programs and its Python package are installed."""
    found = os.environ["PATH"] + ":/usr/sbin"
    try:
        import gssapi  # noqa: F401
    except (ImportError, OSError):
        return False
    return all(shutil.which(program, path=found) for program in ("krb5kdc", "kdb5_util", "kadmin.local", "kinit"))


class Realm:
    """``environment`` is what a process needs to come as the bridge; ``jaas`` what a server does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (self.port,) = free_ports(1)
        self.tickets = folder / "tickets"
        self.configuration = folder / "krb5.conf"
        self.environment = {
            "KRB5_CONFIG": str(self.configuration), "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
            "KRB5CCNAME": f"FILE:{self.tickets}",
        }  # fmt: skip

    @property
    def jaas(self) -> str:
        return JAAS.format(keytab=self.folder / "service.keytab", principal=SERVICE)

    def prepare(self) -> None:
        words = {"realm": REALM, "port": self.port, "folder": self.folder}
        self.configuration.write_text(CONFIGURATION.format(**words))
        (self.folder / "kdc.conf").write_text(KDC.format(**words))
        self._run("kdb5_util", "create", "-s", "-r", REALM, "-P", "the tests' own")
        for principal, keytab in ((SERVICE, "service.keytab"), (CLIENT, "client.keytab")):
            self._run("kadmin.local", "-r", REALM, "-q", f"addprinc -randkey {principal}")
            self._run("kadmin.local", "-r", REALM, "-q", f"ktadd -k {self.folder / keytab} {principal}")

    def ticket(self, life: str = "10m") -> None:
        """Get one, as who starts a bridge does, or a keytab's daemon for it."""
        self._run("kinit", "-l", life, "-k", "-t", str(self.folder / "client.keytab"), CLIENT)

    def no_ticket(self) -> None:
        self.tickets.unlink(missing_ok=True)

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def kdc(self) -> subprocess.Popen[bytes]:
        with (self.folder / "kdc.log").open("ab") as log:
            return subprocess.Popen(
                [_program("krb5kdc"), "-n", "-r", REALM], env=os.environ | self.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
            )  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [_program(program), *arguments], env=os.environ | self.environment, capture_output=True, text=True,
            timeout=30 * SCALE,
        )  # fmt: skip
        assert done.returncode == 0, f"{program}: {done.stderr}"


def _program(name: str) -> str:
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    assert found is not None
    return found


@contextlib.contextmanager
def realm(folder: Path) -> Iterator[Realm]:
    """Its KDC runs, and is killed in the end."""
    made = Realm(folder)
    made.prepare()
    process = made.kdc()
    try:
        wait_for("the KDC answers", made.answers)
        yield made
    finally:
        process.kill()
        process.wait()
