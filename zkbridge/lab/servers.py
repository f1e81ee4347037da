"""The plan of a local ensemble: its members, their files and the commands that run them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from zkbridge.facts import Member
from zkbridge.lab.java import Java
from zkbridge.lab.links import HOST, names_file
from zkbridge.lab.ports import free_ports
from zkbridge.protocol.reconfiguring import Vote

TICK = 1_000
"""tickTime, ms. Half of the usual, so that a class sees a failure in about four seconds."""

SIZES = (1, 3, 5, 7)
MOST = 7
"""Servers of one lab at a time: it begins with one of `SIZES`, and grows and shrinks to any number."""

MAIN = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
FLAGS = ("-Xms24m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
         "-Djava.net.preferIPv4Stack=true", "-Dzookeeper.jmx.log4j.disable=true")  # fmt: skip
"""Small and quick to start: at rest a server takes about 70 MB."""

SUPER = "zookeeper.DigestAuthenticationProvider.superDigest"

HEAP = 256
"""Megabytes that a server may keep its znodes in: enough for some 200,000."""


class ServerPorts(msgspec.Struct, frozen=True):
    client: int
    quorum: int
    election: int
    admin: int


class Ensemble(msgspec.Struct, frozen=True):
    """``ports[i]`` are those of server ``i + 1``; everything of server N is under ``folder/server-N``."""

    folder: Path
    ports: tuple[ServerPorts, ...]
    tick: int = TICK
    heap: int = HEAP
    """Megabytes."""
    relayed: bool = False
    """Whether servers reach each other by names, at addresses of the lab's network (`zkbridge.lab.links`)."""
    super_digest: str = ""
    """What the servers know their super user by, '' for none: see `zkbridge.lab.rights`."""

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(
            Member(id=str(number), host=HOST, port=ports.client, admin_port=ports.admin)
            for number, ports in enumerate(self.ports, 1)
        )

    @property
    def hosts(self) -> str:
        """The connect string."""
        return ",".join(f"{HOST}:{ports.client}" for ports in self.ports)

    def host(self, number: int) -> str:
        """What its peers call server ``number``: the same in all configurations."""
        return f"server-{number}" if self.relayed else HOST

    def home(self, number: int) -> Path:
        return self.folder / f"server-{number}"

    def seat(self, number: int, role: Vote = "participant") -> str:
        """What stands behind ``server.N=`` for server ``number``. It names the client port too, so that
        /zookeeper/config tells it."""
        ports = self.ports[number - 1]
        return f"{self.host(number)}:{ports.quorum}:{ports.election}:{role};{HOST}:{ports.client}"

    def seats(self) -> dict[int, str]:
        """Those of the servers that the ensemble begins with."""
        return {number: self.seat(number) for number in range(1, len(self.ports) + 1)}

    def grown(self) -> Ensemble:
        """With one more server, on free ports."""
        return msgspec.structs.replace(self, ports=(*self.ports, ServerPorts(*free_ports(4))))

    def write(self) -> None:
        """Make the folders and the configuration of every server."""
        for number in range(1, len(self.ports) + 1):
            self.write_one(number, self.seats())

    def write_one(self, number: int, seats: Mapping[int, str]) -> None:
        """The same of one server, which is told of ``seats`` at first. From then on ZooKeeper writes down the members
        itself, beside its zoo.cfg."""
        home = self.home(number)
        (home / "data").mkdir(parents=True, mode=0o700)
        (home / "data/myid").write_text(f"{number}\n")
        (home / "zoo.cfg").write_text(configuration(self, number, seats))
        if self.relayed:
            (home / "hosts").write_text(names_file(number))

    def command(self, number: int, java: Java) -> list[str]:
        """The argument list that runs server ``number`` in the foreground; its log goes to standard error."""
        names = (f"-Djdk.net.hosts.file={self.home(number) / 'hosts'}",) if self.relayed else ()
        super_user = (f"-D{SUPER}={self.super_digest}",) if self.super_digest else ()
        options = (*FLAGS, *names, *super_user, f"-Xmx{self.heap}m", "-cp", java.classpath)
        return [java.java, *options, MAIN, str(self.home(number) / "zoo.cfg")]


def plan(
    folder: Path, size: int, tick: int = TICK, heap: int = HEAP, relayed: bool = False, super_digest: str = ""
) -> Ensemble:
    """An ensemble of ``size`` servers on free ports; nothing is written or started."""
    ports = free_ports(4 * size)
    own = tuple(ServerPorts(*ports[at : at + 4]) for at in range(0, 4 * size, 4))
    return Ensemble(folder, own, tick, heap, relayed, super_digest)


def configuration(ensemble: Ensemble, number: int, seats: Mapping[int, str] | None = None) -> str:
    """The text of zoo.cfg for server ``number``, which is told of ``seats`` or else of all that the plan has."""
    own = ensemble.ports[number - 1]
    settings: dict[str, object] = {
        "tickTime": ensemble.tick,
        "initLimit": 10,
        "syncLimit": 4,
        "dataDir": _one_line(ensemble.home(number) / "data"),
        # All sessions of a lab come from one address, where 60 is the usual limit.
        "maxClientCnxns": 0,
        # A lab's data dies with it, and what a killed process wrote survives in the kernel: no waiting for the disk.
        "forceSync": "no",
        "preAllocSize": 1024,
        "autopurge.snapRetainCount": 3,
        "autopurge.purgeInterval": 1,
        "extendedTypesEnabled": "true",
        "4lw.commands.whitelist": "srvr,mntr,cons,ruok,conf",
        "admin.enableServer": "true",
        "admin.serverAddress": HOST,
        "admin.serverPort": own.admin,
        # One server is an ensemble too, and can grow.
        "standaloneEnabled": "false",
        "reconfigEnabled": "true",
    }
    settings |= {f"server.{other}": seat for other, seat in (ensemble.seats() if seats is None else seats).items()}
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def _one_line(path: Path) -> str:
    """The path as a Java properties file takes it."""
    text = str(path)
    if any(ord(character) < 32 for character in text):
        raise ValueError(f"The folder {text!r} has a control character in its name; a lab cannot live there.")
    return text.replace("\\", "\\\\")
