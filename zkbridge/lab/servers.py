"""The plan of a local ensemble: its members, their files and the commands that run them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from zkbridge.facts import Member
from zkbridge.lab.java import Java
from zkbridge.lab.links import HOST, names_file
from zkbridge.lab.ports import free_ports

TICK = 1_000
"""tickTime, ms. Half of the usual, so that a class sees a failure in about four seconds."""

SIZES = (1, 3, 5, 7)
MAIN = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
FLAGS = ("-Xms24m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
         "-Djava.net.preferIPv4Stack=true", "-Dzookeeper.jmx.log4j.disable=true")  # fmt: skip
"""Small and quick to start: at rest a server takes about 70 MB."""

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

    def write(self) -> None:
        """Make the folders and the configuration of every server."""
        for number in range(1, len(self.ports) + 1):
            home = self.home(number)
            (home / "data").mkdir(parents=True, mode=0o700)
            (home / "data/myid").write_text(f"{number}\n")
            (home / "zoo.cfg").write_text(configuration(self, number))
            if self.relayed:
                (home / "hosts").write_text(names_file(number))

    def command(self, number: int, java: Java) -> list[str]:
        """The argument list that runs server ``number`` in the foreground; its log goes to standard error."""
        names = (f"-Djdk.net.hosts.file={self.home(number) / 'hosts'}",) if self.relayed else ()
        options = (*FLAGS, *names, f"-Xmx{self.heap}m", "-cp", java.classpath)
        return [java.java, *options, MAIN, str(self.home(number) / "zoo.cfg")]


def plan(folder: Path, size: int, tick: int = TICK, heap: int = HEAP, relayed: bool = False) -> Ensemble:
    """An ensemble of ``size`` servers on free ports; nothing is written or started."""
    ports = free_ports(4 * size)
    servers = tuple(ServerPorts(*ports[at : at + 4]) for at in range(0, 4 * size, 4))
    return Ensemble(folder, servers, tick, heap, relayed)


def configuration(ensemble: Ensemble, number: int) -> str:
    """The text of zoo.cfg for server ``number``."""
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
    }
    if len(ensemble.ports) == 1:
        settings |= {"standaloneEnabled": "true", "clientPort": own.client, "clientPortAddress": HOST}
    else:
        # Each line names the client port too, so that /zookeeper/config tells it.
        settings |= {"standaloneEnabled": "false", "reconfigEnabled": "false"} | {
            f"server.{other}": f"{ensemble.host(other)}:{own.quorum}:{own.election}:participant;{HOST}:{own.client}"
            for other, own in enumerate(ensemble.ports, 1)
        }
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def _one_line(path: Path) -> str:
    """The path as a Java properties file takes it."""
    text = str(path)
    if any(ord(character) < 32 for character in text):
        raise ValueError(f"The folder {text!r} has a control character in its name; a lab cannot live there.")
    return text.replace("\\", "\\\\")
