"""A real server that demands something of its clients: certificates, a SASL user, both."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.integration.ensemble import wait_for
from tests.zookeeper.certificates import Authority
from zkbridge.lab import java
from zkbridge.lab.ports import free_ports
from zkbridge.lab.servers import FLAGS, HOST, MAIN

NETTY = tuple(java.DEBIAN / f"netty-{part}.jar" for part in ("codec", "resolver", "transport-native-unix-common"))
"""The parts of netty that Debian's zookeeper.jar does not name. A release of ZooKeeper brings all of it."""

JAAS = """Server {
    org.apache.zookeeper.server.auth.DigestLoginModule required user_zooscope="%s";
};
"""


class SecuredServer:
    """One server on two ports: ``plain``, and ``secure`` where there is an ``authority``, which demands certificates.

    ``jaas`` says how it proves who SASL's users are; ``demands``: who does not authenticate so may do nothing.
    ``options`` of Java.
    """

    def __init__(
        self, folder: Path, authority: Authority | None, jaas: str, demands: bool, options: Sequence[str] = ()
    ) -> None:
        self.folder, self.authority, self.jaas, self.demands = folder, authority, jaas, demands
        self.options = options
        self.plain, self.secure = free_ports(2)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def start(self) -> None:
        (self.folder / "data").mkdir()
        (self.folder / "zoo.cfg").write_text("".join(f"{key}={value}\n" for key, value in self._settings().items()))
        (self.folder / "jaas.conf").write_text(self.jaas)
        self.launch()

    def launch(self) -> None:
        found = java.find()
        command = [
            found.java, *FLAGS, "-Xmx128m", f"-Djava.security.auth.login.config={self.folder}/jaas.conf",
            *self.options, "-cp", ":".join((found.classpath, *map(str, NETTY))), MAIN, str(self.folder / "zoo.cfg"),
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def serves(self) -> bool:
        """Whether it serves, on both its ports."""
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.plain), 1) as connection:
            connection.sendall(b"srvr")
            if b"Mode: " in b"".join(iter(lambda: connection.recv(4_096), b"")):
                if self.authority is not None:
                    socket.create_connection((HOST, self.secure), 1).close()
                return True
        return False

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _settings(self) -> dict[str, object]:
        settings: dict[str, object] = {
            "tickTime": 1_000, "dataDir": self.folder / "data", "forceSync": "no", "admin.enableServer": "false",
            "clientPort": self.plain, "clientPortAddress": HOST,
            "authProvider.sasl": "org.apache.zookeeper.server.auth.SASLAuthenticationProvider",
        }  # fmt: skip
        if self.demands:
            settings |= {"enforce.auth.enabled": "true", "enforce.auth.schemes": "sasl"}
        if self.authority is not None:
            certificate, key = self.authority.issue("zookeeper", HOST)
            both = self.folder / "keystore.pem"
            both.write_text(certificate.read_text() + key.read_text())
            settings |= {
                "serverCnxnFactory": "org.apache.zookeeper.server.NettyServerCnxnFactory",
                "secureClientPort": self.secure, "secureClientPortAddress": HOST,
                "ssl.keyStore.location": both, "ssl.keyStore.type": "PEM",
                "ssl.trustStore.location": self.authority.ca, "ssl.trustStore.type": "PEM",
                "ssl.clientAuth": "need",
            }  # fmt: skip
        return settings


@contextlib.contextmanager
def secured(
    folder: Path, authority: Authority | None = None, *, password: str = "", demands: bool = False, jaas: str = "",
    options: Sequence[str] = (),
) -> Iterator[SecuredServer]:
    """A server that runs; it is killed in the end. ``password`` of the SASL user 'zooscope', unless there is ``jaas``.
    """
    escaped = password.replace("\\", "\\\\").replace('"', '\\"')
    server = SecuredServer(folder, authority, jaas or JAAS % escaped, demands, options)
    try:
        server.start()
        wait_for("the secured server serves", server.serves)
        yield server
    finally:
        server.kill()
