"""Topic ``ensemble``: servers and quorum, from rounds of probes and the lab's records. Pure."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from zkbridge.facts import Probe, hexadecimal
from zkbridge.protocol.base import Ms
from zkbridge.protocol.ensemble import Ensemble, Quorum, Role, Server
from zkbridge.records import Record
from zkbridge.views.cast import server_of
from zkbridge.views.words import duration

STALE = 5_000
"""ms after which a server's last answer says nothing any more."""

_ROLES: dict[str, Role] = {
    "": "down", "leader": "leading", "follower": "following", "observer": "observing", "standalone": "standalone",
    "read-only": "read-only", "looking": "looking",
}  # fmt: skip

SERVING = frozenset({"leading", "following", "standalone"})


def quorum(voters: int, up: int, led: bool, serving: int | None = None) -> Quorum:
    """The arithmetic of a majority of ``voters`` of which ``up`` answer and ``serving`` (all of these, when not
    given) serve; ``led`` when one of them leads."""
    if voters == 0:
        return Quorum(0, 0, 0, 0, False, "no servers known")
    needs = voters // 2 + 1
    held = led and up >= needs
    spare = max(0, (up if serving is None else serving) - needs)
    words = f"needs {needs} of {voters}, "
    if up < needs:
        words += f"has {up or 'none'}"
    elif not led:
        words += "but nobody leads"
    else:
        words += f"can lose {spare or 'none'}"
    return Quorum(voters, needs, up, spare if held else 0, held, words)


class Process(msgspec.Struct):
    """A server's process, as the lab's supervisor tells of it."""

    state: str = ""
    pid: int | None = None
    asked: str = ""
    at: Ms = 0


class Room:
    """Keeps the last answer of each server and since when each has its role."""

    def __init__(self, tick: int) -> None:
        self.tick = tick
        self.processes: dict[str, Process] = {}
        self.quorum_lost: Ms | None = None
        self.leader = ""
        self.answered = False
        """Whether any server ever answered as ZooKeeper, be it to the bridge's session."""
        self._probes: dict[str, Probe] = {}
        self._roles: dict[str, tuple[Role, Ms]] = {}

    @property
    def known(self) -> bool:
        return bool(self._probes)

    @property
    def probes(self) -> tuple[Probe, ...]:
        return tuple(self._probes.values())

    def fold(self, record: Record) -> None:
        """Take in what the supervisor said of a server's process."""
        ident = server_of(record.who)
        if not ident:
            return
        process = self.processes.setdefault(ident, Process())
        if record.kind == "asked":
            process.asked = record.action.rpartition(".")[2]
            if process.asked == "pause" and process.state == "running":
                process.state, process.at = "paused", record.at
            elif process.asked == "resume" and process.state == "paused":
                process.state, process.at = "running", record.at
        elif record.kind == "spawned":
            process.state, process.pid, process.at = "running", record.pid, record.at
        elif record.kind == "exited" and (record.pid is None or process.pid in (None, record.pid)):
            killed = record.signal == 9 or process.asked == "kill"
            stopped = record.signal == 15 or record.code in (0, 143)
            process.state = "killed" if killed else "stopped" if stopped else "exited"
            process.pid, process.at, process.asked = None, record.at, ""

    def take(self, probes: tuple[Probe, ...], now: Ms) -> list[tuple[str, Role, Role]]:
        """Take in a round; a server it does not name is no member any more. Returns (id, before, after)."""
        self._probes = {probe.member.id: probe for probe in probes}
        self.answered = self.answered or any(probe.mode for probe in probes)
        return self.age(now)

    def age(self, now: Ms) -> list[tuple[str, Role, Role]]:
        """Roles as of ``now``: an answer that is too old is none. Returns those that differ."""
        roles = {ident: self._role(probe, now) for ident, probe in self._probes.items()}
        self.leader = self._leading(roles)
        differ: list[tuple[str, Role, Role]] = []
        for ident, role in roles.items():
            before = self._roles.get(ident)
            if before is None or before[0] != role:
                differ.append((ident, before[0] if before else "unknown", role))
                self._roles[ident] = (role, self._probes[ident].at if role != "unknown" else now)
        self._roles = {ident: known for ident, known in self._roles.items() if ident in roles}
        quorum = self.quorum()
        if quorum.held or not self.answered or (self.silent() and quorum.up + self.silent() >= quorum.needs):
            # Servers that were not asked lately may well serve.
            self.quorum_lost = None
        elif self.quorum_lost is None:
            self.quorum_lost = now
        return differ

    def role(self, ident: str) -> Role:
        return self._roles[ident][0] if ident in self._roles else "unknown"

    def epoch(self) -> int | None:
        """Epoch of the server that leads."""
        probe = self._probes.get(self.leader)
        return probe.zxid >> 32 if probe is not None and probe.zxid is not None else None

    def quorum(self) -> Quorum:
        voters = [ident for ident, probe in self._probes.items() if probe.member.voter]
        up = sum(self.role(ident) not in ("down", "unknown") for ident in voters)
        serving = sum(self.role(ident) in SERVING for ident in voters)
        # Who follows has a leader, be it one that does not answer us, or is not in the list.
        follows = any(self.role(ident) == "following" for ident in voters)
        if voters and not self.answered:
            return Quorum(len(voters), len(voters) // 2 + 1, 0, 0, False, "is not known: no server has answered yet")
        found = quorum(len(voters), up, self.leader in voters or follows, serving)
        if follows and not self.leader and up == len(voters):
            # A connect string that names a part of the ensemble: its majority is not that of the list.
            return msgspec.structs.replace(found, can_lose=0, words="follows a leader that is not in the list")
        return found

    def silent(self) -> int:
        """Voters of which nothing fresh is known."""
        return sum(self.role(ident) == "unknown" for ident, probe in self._probes.items() if probe.member.voter)

    def value(self, now: Ms, link_of: Callable[[str], str] = lambda name: "") -> Ensemble:
        """``link_of``: how the links of a process to its peers are."""
        lead = self._probes.get(self.leader)
        return Ensemble(
            {
                ident: self._server(ident, probe, lead, now, link_of(f"server-{ident}"))
                for ident, probe in self._probes.items()
            },
            self.quorum(), self.leader, self.epoch(), self.tick,
            next((probe.missing for probe in self._probes.values() if probe.missing), ""), self.answered,
        )  # fmt: skip

    def _role(self, probe: Probe, now: Ms) -> Role:
        return "unknown" if now - probe.at > STALE else _ROLES[probe.mode]

    def _leading(self, roles: dict[str, Role]) -> str:
        """The one that leads. Where two say so, an old leader has not noticed yet: the higher epoch wins,
        and the other is 'looking' until it says otherwise."""
        claims = [ident for ident, role in roles.items() if role in ("leading", "standalone")]
        best = max(claims, key=lambda ident: (self._probes[ident].zxid or 0) >> 32, default="")
        for ident in claims:
            if ident != best and roles[ident] == "leading":
                roles[ident] = "looking"
        return best

    def _server(self, ident: str, probe: Probe, lead: Probe | None, now: Ms, link: str) -> Server:
        role, since = self._roles[ident]
        process = self.processes.get(ident)
        reason = probe.reason
        if role == "unknown":
            reason = f"not asked for {duration(now // 1000 * 1000 - probe.at)}"
        if process is not None and process.state == "paused" and role in ("down", "unknown"):
            reason = "its process is paused"
        if process is not None and process.state in ("killed", "stopped", "exited") and role in ("down", "unknown"):
            reason = {"killed": "its process was killed", "stopped": "its process was stopped"}.get(
                process.state, "its process ended by itself"
            )
        return Server(
            id=ident, address=f"{probe.member.host}:{probe.member.port}", role=role, since=since,
            voter=probe.member.voter, version=probe.version,
            zxid=hexadecimal(probe.zxid) if probe.zxid is not None and role != "down" else "",
            behind=_behind(probe, lead) if role in ("following", "observing") else None,
            latency=probe.latency, connections=probe.connections, outstanding=probe.outstanding, znodes=probe.znodes,
            process=process.state if process else "", pid=process.pid if process else None,  # type: ignore[arg-type]
            reason=reason, link=link, actions=_actions(process),
        )  # fmt: skip


def _behind(probe: Probe, lead: Probe | None) -> int | None:
    """Difference of the counters in the zxids; of different epochs nothing can be said."""
    if lead is None or lead.zxid is None or probe.zxid is None or lead.zxid >> 32 != probe.zxid >> 32:
        return None
    return max(0, (lead.zxid & 0xFFFFFFFF) - (probe.zxid & 0xFFFFFFFF))


def _actions(process: Process | None) -> list[str]:
    if process is None or not process.state:
        return []
    return {"running": ["stop", "kill", "pause"], "paused": ["kill", "resume"]}.get(process.state, ["start"])
