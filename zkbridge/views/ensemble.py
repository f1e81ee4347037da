"""Topic ``ensemble``: servers and quorum, from rounds of probes and the lab's records. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from zkbridge.facts import Member, Probe, hexadecimal
from zkbridge.protocol.base import Ms
from zkbridge.protocol.ensemble import Ensemble, ProcessState, Quorum, Role, Server
from zkbridge.quorums import Rule
from zkbridge.records import Record
from zkbridge.views.cast import server_of
from zkbridge.views.paces import Paces
from zkbridge.views.reshape import Shift, shift, votes
from zkbridge.views.verdict import Signs, verdict
from zkbridge.views.words import duration

OVER = 10_000
"""ms for which a leader of an earlier epoch is not believed after one of a later epoch led."""

EPOCHS = 16
"""Of so many epochs the highest zxid is remembered."""

STALE = 5_000
"""ms after which a server's last answer says nothing any more."""

_ROLES: dict[str, Role] = {
    "": "down", "leader": "leading", "follower": "following", "observer": "observing", "standalone": "standalone",
    "read-only": "read-only", "looking": "looking", "mute": "unknown",
}  # fmt: skip

_ENDED = {
    "killed": "its process was killed", "stopped": "its process was stopped", "exited": "its process ended by itself",
}  # fmt: skip

_WHY_NOT: dict[Role, str] = {
    "looking": "it lost its quorum", "following": "it follows another", "observing": "it observes now",
    "read-only": "it lost its quorum", "unknown": "it was not asked",
}  # fmt: skip

SERVING = frozenset({"leading", "following", "standalone"})


class Process(msgspec.Struct):
    """A server's process, as the lab's supervisor tells of it."""

    state: ProcessState | Literal[""] = ""
    pid: int | None = None
    asked: str = ""
    at: Ms = 0


class Room:
    """Keeps the last answer of each server and since when each has its role."""

    def __init__(self, tick: int) -> None:
        self.tick = tick
        self.processes: dict[str, Process] = {}
        self.removed: set[str] = set()
        """Ids of servers whose processes were ended because they are no members any more, or have not become any."""
        self.quorum_lost: Ms | None = None
        self.regained: Ms | None = None
        """When somebody was seen leading again, after nobody had."""
        self.leader = ""
        self.vouched = False
        """Whether the ensemble serves Zooscope's own session, changes included."""
        self._led = ""
        """Who led last."""
        self._agrees: bool | None = None
        """Whether anything is agreed on, as was tried since it is in doubt."""
        self._reign, self._reigned = 0, 0.0
        """The latest epoch that was seen to be led, and when it last was."""
        self.answered = False
        """Whether any server ever answered as ZooKeeper, be it to the bridge's session."""
        self.shift: Shift | None = None
        """What the latest round of probes found different about the members."""
        self.passing: set[str] = set()
        """Names of servers that last until the configuration is read."""
        self.paces = Paces()
        self._highest: dict[int, tuple[int, set[str]]] = {}
        """The highest zxid that any server showed, of each of the last epochs, and who showed it."""
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
        if record.kind == "shaped" and record.action in ("left", "undone"):
            self.removed.add(ident)
        elif record.kind == "asked":
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
        before = votes(probe.member for probe in self.probes)
        self._probes = {probe.member.id: probe for probe in probes}
        self.paces.keep(self._probes)
        self.passing.clear()
        self.passing.update(probe.member.id for probe in probes if not probe.member.named)
        self._see(probes)
        self.shift = shift(before, votes(probe.member for probe in probes))
        self.answered = self.answered or any(probe.mode for probe in probes)
        return self.age(now)

    def _see(self, probes: tuple[Probe, ...]) -> None:
        for probe in probes:
            if probe.zxid is None:
                continue
            highest, showed = self._highest.get(probe.zxid >> 32, (-1, set[str]()))
            if probe.zxid > highest:
                self._highest[probe.zxid >> 32] = (probe.zxid, {probe.member.id})
            elif probe.zxid == highest:
                showed.add(probe.member.id)
        self._highest = dict(sorted(self._highest.items())[-EPOCHS:])

    def age(self, now: Ms) -> list[tuple[str, Role, Role]]:
        """Roles as of ``now``: an answer that is too old is none. Returns those that differ."""
        roles = {ident: self._role(probe, now) for ident, probe in self._probes.items()}
        self.leader = self._leading(roles, now)
        differ: list[tuple[str, Role, Role]] = []
        for ident, role in roles.items():
            before = self._roles.get(ident)
            if before is None or before[0] != role:
                differ.append((ident, before[0] if before else "unknown", role))
                self._roles[ident] = (role, self._probes[ident].at if role != "unknown" else now)
        self._roles = {ident: known for ident, known in self._roles.items() if ident in roles}
        self._led = self.leader or self._led
        if not self.doubted():
            self._agrees = None
        quorum = self.quorum()
        silent = self.silent()
        if self.unled and self.quorum_lost is None:
            self.quorum_lost = self._roles[self._led][1]
        elif not self.unled and (
            quorum.held or not self.answered or (silent and self.rule.holds([*self.serving(), *silent]))
        ):
            # Servers that were not asked lately may well serve.
            if self.quorum_lost is not None and quorum.held:
                self.regained = now
            self.quorum_lost = None
        elif self.quorum_lost is None:
            self.quorum_lost = now
        return differ

    def doubted(self) -> list[Member]:
        """Voters that follow a leader which does not answer: it may lead them all the same, or be stopped."""
        if self.leader or self.role(self._led) not in ("down", "unknown") or self._led not in self._probes:
            return []
        return [self._probes[ident].member for ident in self.voters() if self.role(ident) == "following"]

    def tried(self, agrees: bool) -> None:
        """Whether those that are `doubted` can agree on anything."""
        self._agrees = agrees

    @property
    def unled(self) -> bool:
        """Whether enough servers are up, and follow one that leads no more."""
        return self._agrees is False

    def role(self, ident: str) -> Role:
        return self._roles[ident][0] if ident in self._roles else "unknown"

    def ended(self, ident: str) -> Ms | None:
        """When its process ended, where that is known and it was not started again."""
        process = self.processes.get(ident)
        return process.at if process is not None and process.state in _ENDED else None

    def why_not(self, ident: str, now: Ms) -> str:
        """Why a server that led does not lead, in words; '' while it does."""
        probe, role = self._probes.get(ident), self.role(ident)
        if ident == self.leader:
            return ""
        if probe is None:
            return "it left the ensemble" if self.known else ""
        return self._reason(ident, probe, now) or _WHY_NOT.get(role, "")

    def epoch(self) -> int | None:
        """Epoch of the server that leads."""
        probe = self._probes.get(self.leader)
        return probe.zxid >> 32 if probe is not None and probe.zxid is not None else None

    @property
    def rule(self) -> Rule:
        """What makes a quorum of the members, as far as they are known."""
        return Rule.of(probe.member for probe in self._probes.values())

    def voters(self) -> list[str]:
        return [ident for ident, probe in self._probes.items() if probe.member.voter]

    def serving(self) -> list[str]:
        """Voters that serve."""
        return [ident for ident in self.voters() if self.role(ident) in SERVING]

    def up(self) -> list[str]:
        """Voters that answer, be it without serving."""
        return [ident for ident in self.voters() if self.role(ident) not in ("down", "unknown")]

    def quorum(self) -> Quorum:
        voters, up, rule = self.voters(), self.up(), self.rule
        # Who follows has a leader, be it one that does not answer us, or is not in the list.
        follows = any(self.role(ident) == "following" for ident in voters)
        if voters and not self.answered:
            return Quorum(rule.size, rule.needs, 0, 0, False, "is not known: no server has answered yet", rule.unit)
        led, doubted = self.leader in voters or follows, bool(self.doubted()) and not self._agrees
        signs = Signs(up, self.serving(), self.silent(), led, self.vouched, doubted, self.unled)
        found = verdict(rule, signs)
        if follows and not self.leader and len(up) == len(voters):
            # A connect string that names a part of the ensemble: its majority is not that of the list.
            return msgspec.structs.replace(found, can_lose=0, words="follows a leader that is not in the list")
        return found

    def silent(self) -> list[str]:
        """Voters of which nothing fresh is known."""
        return [ident for ident in self.voters() if self.role(ident) == "unknown"]

    def value(
        self, now: Ms, link_of: Callable[[str], str] = lambda name: "",
        since: Callable[[str], Ms | None] = lambda name: None,
    ) -> Ensemble:  # fmt: skip
        """``link_of``: how the links of a process to its peers are; ``since``: since when."""
        lead, found = self._probes.get(self.leader), self.quorum()
        decisive = frozenset(self.rule.decisive(self.serving()) if found.held else ())
        return Ensemble(
            {
                ident: self._server(
                    ident, probe, lead, ident in decisive, (link_of(f"server-{ident}"), since(f"server-{ident}")), now
                )
                for ident, probe in self._probes.items()
            },
            found, self.leader, self.epoch(), self.tick,
            next((probe.missing for probe in self._probes.values() if probe.missing), ""),
            self._beside(), self.answered,
        )  # fmt: skip

    def _beside(self) -> dict[str, ProcessState]:
        """Processes of servers that are no members."""
        return {
            ident: process.state
            for ident, process in self.processes.items()
            if process.state and ident not in self._probes and ident not in self.removed
        }

    def _reason(self, ident: str, probe: Probe, now: Ms) -> str:
        """Why it is down or unknown, in words."""
        role, process = self.role(ident), self.processes.get(ident)
        if process is not None and process.state == "paused" and role in ("down", "unknown"):
            return "its process is paused"
        if process is not None and process.state in _ENDED and role in ("down", "unknown"):
            stranger = f"; {probe.reason}" if "not ZooKeeper" in probe.reason else ""
            return _ENDED[process.state] + stranger
        if process is not None and process.state == "paused" and role in ("down", "unknown"):
            return "its process is paused"
        if role == "unknown" and now - probe.at > STALE:
            return f"not asked for {duration(now // 1000 * 1000 - probe.at)}"
        if role == "unknown" and probe.member.where == "guess":
            return f"it is not known where it answers: at {_address(probe.member)}, which is a guess, {probe.reason}"
        return probe.reason

    def _role(self, probe: Probe, now: Ms) -> Role:
        missing = not probe.mode and probe.member.where != "known"
        return "unknown" if missing or now - probe.at > STALE else _ROLES[probe.mode]

    def _leading(self, roles: dict[str, Role], now: Ms) -> str:
        """The one that leads. Where two say so, an old leader has not noticed yet: the higher epoch wins,
        and the other is 'looking' until it says otherwise. So is one of an epoch that was over lately, also while
        its successor does not answer; whoever goes on leading with it is of an ensemble that was restored."""
        claims = [ident for ident, role in roles.items() if role in ("leading", "standalone")]
        best = max(claims, key=self._epoch_of, default="")
        if best and roles[best] == "leading" and self._epoch_of(best) < self._reign and now - self._reigned < OVER:
            best = ""
        elif best:
            self._reign, self._reigned = self._epoch_of(best), now
        for ident in claims:
            if ident != best and roles[ident] == "leading":
                roles[ident] = "looking"
        return best

    def _behind(self, probe: Probe, lead: Probe | None) -> int | None:
        """Difference of the counters in the zxids. After an election a follower shows a zxid of before until something
        is changed: it has all of that, where it has the highest that others showed too, and lacks what came since."""
        if lead is None or lead.zxid is None or probe.zxid is None:
            return None
        epoch, counter = lead.zxid >> 32, lead.zxid & 0xFFFFFFFF
        if probe.zxid >> 32 == epoch:
            return max(0, counter - (probe.zxid & 0xFFFFFFFF))
        last, showed = max((one for before, one in self._highest.items() if before < epoch), default=(-1, set[str]()))
        return counter if probe.zxid == last and showed - {probe.member.id} else None

    def _epoch_of(self, ident: str) -> int:
        return (self._probes[ident].zxid or 0) >> 32

    def _server(
        self, ident: str, probe: Probe, lead: Probe | None, decisive: bool, link: tuple[str, Ms | None], now: Ms
    ) -> Server:
        role, since = self._roles[ident]
        process = self.processes.get(ident)
        pace = self.paces.of(ident, now) if role not in ("down", "unknown", "looking") else None
        return Server(
            id=ident, address=_address(probe.member), guessed=probe.member.where == "guess", role=role, since=since,
            voter=probe.member.voter, decisive=decisive,
            group=probe.member.group, weight=probe.member.weight, version=probe.version,
            zxid=hexadecimal(probe.zxid) if probe.zxid is not None and role != "down" else "",
            behind=self._behind(probe, lead) if role in ("following", "observing") else None,
            latency=probe.latency, connections=probe.connections, outstanding=probe.outstanding, znodes=probe.znodes,
            process=process.state if process else "", pid=process.pid if process else None,
            recent=pace.mean if pace is not None else None, requests=pace.requests if pace is not None else None,
            reason=self._reason(ident, probe, now), link=link[0], link_since=link[1] if link[0] else None,
            actions=_actions(process),
        )  # fmt: skip


def _address(member: Member) -> str:
    return f"{member.host}:{member.port}" if member.where != "nowhere" else ""


def _actions(process: Process | None) -> list[str]:
    if process is None or not process.state:
        return []
    now = {"running": ["stop", "kill", "pause"], "paused": ["kill", "resume"]}.get(process.state, ["start"])
    return [*now, "remove", "wipe"]
