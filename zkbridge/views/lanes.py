"""Puts records, steps of the group, roles and changes on the lanes of the timeline. Pure."""

from __future__ import annotations

from zkbridge.facts import hexadecimal
from zkbridge.protocol.base import Ms
from zkbridge.protocol.ensemble import Role
from zkbridge.protocol.story import MomentKind
from zkbridge.protocol.znodes import Change
from zkbridge.records import Record
from zkbridge.views.cast import Actor, is_node, server_of
from zkbridge.views.reshape import Shift
from zkbridge.views.seating import Step
from zkbridge.views.timeline import ENSEMBLE, ZNODES, Ledger
from zkbridge.views.words import clean, count
from zkbridge.workload import TASKS
from zkbridge.znode import name_of

_SERVER_MOMENTS = {"leading": "leading", "following": "following", "looking": "looking", "down": "down"}

_AFTER_WATCH = 2_000
"""ms within which a node's next step follows from its watch."""


class Lanes:
    """Each method returns the id of the moment that it made, '' where it made none."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._woken: dict[str, Ms] = {}
        self._elected_at: tuple[str, Ms] = ("", 0.0)

    def record(self, record: Record, before: Actor | None, actor: Actor | None, *, owns: bool = False) -> str:
        """``before``: what was known of the node until this record. ``owns``: whether it still has znodes."""
        if server_of(record.who):
            return self._server(record)
        if actor is None:
            return ""
        action = record.action.rpartition(".")[2] if record.kind == "asked" else record.kind
        if record.kind in ("fault", "healed"):
            return self._link(record, actor)
        if record.kind == "asked" and action not in ("pause", "resume"):
            # Of these the end of the process is the moment.
            return ""
        if record.kind == "exited":
            return self._exited(record, actor, owns)
        make = getattr(self, f"_{action}", None)
        return str(make(record, before, actor)) if make is not None else ""

    def created(self, step: Step, session: int) -> str:
        """A candidate came."""
        self.ledger.begin(step.ident, "alive", step.at)
        return self.ledger.add(
            step.ident, step.at, "created", f"{name_of(step.path)} created", zxid=_zxid(step), path=step.path,
            cause=("session", hexadecimal(session)), causes=("made", step.path),
        )  # fmt: skip

    def deleted(self, step: Step, session: int, words: str) -> tuple[str, str]:
        """A candidate went: the moment of its deletion and of its session's end. ``words``: of the latter."""
        lane, at = step.ident, step.at
        # Spans end first: what moves these moments back takes the ends along.
        for kind in ("alive", "silent", "paused", "leading"):
            self.ledger.end(lane, kind, at)
        expired = self.ledger.add(
            lane, at, "expired", words, cause=("end", f"{lane}{session}"), causes=("gone", step.path)
        )
        moment = self.ledger.add(
            ENSEMBLE, at, "deleted", f"{name_of(step.path)} deleted", zxid=_zxid(step), path=step.path,
            cause=("gone", step.path), causes=("deleted", step.path),
        )  # fmt: skip
        return moment, expired

    def leads(self, before: str, after: str, at: Ms, told: bool) -> str:
        """The tree's word on who leads. ``told``: the node says so itself, so it needs no moment of its own."""
        if before:
            self.ledger.end(before, "leading", at)
        if not after:
            return ""
        self.ledger.begin(after, "leading", at)
        return "" if told else self.ledger.add(after, at, "leads", "leads")

    def role(self, ident: str, before: Role, after: Role, at: Ms) -> str:
        if after == "down":
            self.ledger.begin(ENSEMBLE, "down", at, ident)
        else:
            self.ledger.end(ENSEMBLE, "down", at, ident)
        if before == "unknown" and after in ("following", "observing", "standalone"):
            return ""
        kind = _SERVER_MOMENTS.get(after)
        # At first look it is only known that it does so, not since when.
        word = "seen " if before == "unknown" else ""
        return self.ledger.add(ENSEMBLE, at, kind, f"server {ident} {word}{after}") if kind else ""

    def members(self, shift: Shift, at: Ms) -> str:
        """The configuration differs: one moment of all of it."""
        for ident in shift.left:
            self.ledger.end(ENSEMBLE, "down", at, ident)
        told = [
            f"server {ident} {word}"
            for idents, word in (
                (shift.joined, "joined"), (shift.left, "left"), (shift.gained, "got a vote"),
                (shift.lost, "lost its vote"),
            )
            for ident in idents
        ]  # fmt: skip
        return self.ledger.add(ENSEMBLE, at, "other", ", ".join(told))

    def change(self, change: Change) -> str:
        """A change of a znode outside groups."""
        kind = {"acl": "other", "children": "other"}.get(change.kind, change.kind)
        label = f"{change.path} {'ACL changed' if change.kind == 'acl' else change.kind}"
        if change.writes > 1:
            label = f"{change.path}: {count(change.writes, 'write')}"
        return self.ledger.add(ZNODES, change.at, kind, label, zxid=change.zxid, path=change.path)

    def tasks(self, kind: str, at: Ms) -> str:
        """News of the workload."""
        return self.ledger.add(ZNODES, at, "other", f"workload {kind}", path=TASKS)

    def gap(self, at: Ms) -> str:
        self.ledger.begin(ENSEMBLE, "gap", at)
        return self.ledger.add(ENSEMBLE, at, "gap", "Zooscope's connection lost", causes=("gap", ""))

    def back(self, at: Ms) -> str:
        self.ledger.end(ENSEMBLE, "gap", at)
        return self.ledger.add(ENSEMBLE, at, "reconnected", "Zooscope's connection back", cause=("gap", ""))

    def storage(self, record: Record) -> str:
        """The storage's word on a node's write."""
        if record.kind != "refused" or not is_node(record.by):
            return ""
        words = f"write refused: token {record.token} is lower than {record.held}"
        return self.ledger.add(record.by, record.at, "other", words)

    # ---- records of nodes ----

    def _spawned(self, record: Record, before: Actor | None, actor: Actor) -> str:
        return self.ledger.add(record.who, record.at, "started", "process started")

    def _exited(self, record: Record, actor: Actor, owns: bool) -> str:
        who, at = record.who, record.at
        for kind in ("alive", "paused", "leading"):
            self.ledger.end(who, kind, at)
        kind, label = "exited", f"process ended, exit code {record.code}"
        if actor.cause == "kill -9":
            kind, label = "killed", f"killed{_by(actor, 'kill')}"
        elif actor.cause == "stopped":
            by = _by(actor, "stop")
            kind, label = "exited", f"process ended, stopped{by}" if by else "process ended"
        elif record.signal is not None:
            label = f"process ended by signal {record.signal}"
        if actor.cause != "stopped" and owns:
            self.ledger.begin(who, "silent", at)
        return self.ledger.add(who, at, kind, label, causes=("end", _life(actor)))

    def _pause(self, record: Record, before: Actor | None, actor: Actor) -> str:
        self.ledger.begin(record.who, "paused", record.at)
        return self.ledger.add(record.who, record.at, "paused", "paused", causes=("end", _life(actor)))

    def _resume(self, record: Record, before: Actor | None, actor: Actor) -> str:
        self.ledger.end(record.who, "paused", record.at)
        return self.ledger.add(record.who, record.at, "resumed", "resumed")

    def _connected(self, record: Record, before: Actor | None, actor: Actor) -> str:
        if before is not None and before.session == actor.session and before.connection:
            return self.ledger.add(record.who, record.at, "reconnected", "reconnected, same session")
        return self.ledger.add(record.who, record.at, "session", "session created", causes=("session", record.session))

    def _suspended(self, record: Record, before: Actor | None, actor: Actor) -> str:
        return self.ledger.add(record.who, record.at, "suspended", "connection lost")

    def _lost(self, record: Record, before: Actor | None, actor: Actor) -> str:
        return self.ledger.add(record.who, record.at, "other", "learnt that its session expired")

    def _watching(self, record: Record, before: Actor | None, actor: Actor) -> str:
        return self.ledger.add(
            record.who, record.at, "other", f"watches {name_of(record.path)}", path=record.path,
            cause=self._recent(record, actor),
        )  # fmt: skip

    def _fired(self, record: Record, before: Actor | None, actor: Actor) -> str:
        self._woken[record.who] = record.at
        return self.ledger.add(
            record.who, record.at, "watch", "watch fired", path=record.path, cause=("deleted", record.path),
            causes=("fired", record.who),
        )  # fmt: skip

    def _recent(self, record: Record, actor: Actor) -> tuple[str, str] | None:
        """What a node does just after its watch fired, or after it joined, follows from that."""
        woken = self._woken.get(record.who)
        if woken is not None and record.at - woken <= _AFTER_WATCH:
            return ("fired", record.who)
        joined = actor.joined_at
        return ("made", actor.joined) if joined is not None and record.at - joined <= _AFTER_WATCH else None

    def _elected(self, record: Record, before: Actor | None, actor: Actor) -> str:
        self._elected_at = (record.path, record.at)
        # It may have learnt of it before the bridge did.
        self.ledger.began(record.who, "leading", record.at)
        return self.ledger.add(
            record.who, record.at, "leads", "leads", path=record.path, cause=self._recent(record, actor),
            causes=("elected", record.path),
        )  # fmt: skip

    def _acknowledged(self, record: Record, before: Actor | None, actor: Actor) -> str:
        if record.path == actor.joined:
            return ""
        path, at = self._elected_at
        # Who joins later acknowledges because it joined, not because of an election long ago.
        fresh = path == record.path and record.at - at <= _AFTER_WATCH
        return self.ledger.add(
            record.who, record.at, "acknowledged", f"acknowledges {name_of(record.path)}", path=record.path,
            cause=("elected", record.path) if fresh else None,
        )  # fmt: skip

    def _stopping(self, record: Record, before: Actor | None, actor: Actor) -> str:
        return self.ledger.add(record.who, record.at, "stopped", "closing its session", causes=("end", _life(actor)))

    def _link(self, record: Record, actor: Actor) -> str:
        """Of a node, from its own side."""
        verb = record.action.partition(".")[2]
        if not record.action.startswith("link."):
            return ""
        if record.kind == "healed":
            return self.ledger.add(record.who, record.at, "healed", "link healed")
        what = "link slow" if verb.startswith("slow") else "link cut" if record.both else "link cut one way"
        causes = None if verb.startswith("slow") else ("end", _life(actor))
        return self.ledger.add(record.who, record.at, "cut", what, causes=causes)

    def _server(self, record: Record) -> str:
        word = f"server {server_of(record.who)}"
        if record.kind == "asked" and record.action in ("server.pause", "server.resume"):
            kind: MomentKind = "paused" if record.action == "server.pause" else "resumed"
            return self.ledger.add(ENSEMBLE, record.at, kind, f"{word} {kind}")
        if record.kind in ("fault", "healed"):
            if not record.action.startswith("link."):
                return ""
            far = f"server {server_of(record.to)}" if server_of(record.to) else "others"
            done = "healed" if record.kind == "healed" else "cut" if record.action == "link.cut" else "slow"
            sign = "–" if record.both else "→"
            return self.ledger.add(ENSEMBLE, record.at, "healed" if done == "healed" else "cut",
                                   f"{word} {sign} {far} {done}")  # fmt: skip
        if record.kind == "spawned":
            return self.ledger.add(ENSEMBLE, record.at, "started", f"{word} started")
        if record.kind == "exited":
            kind = "killed" if record.signal == 9 else "exited"
            return self.ledger.add(ENSEMBLE, record.at, kind, f"{word} {'killed' if kind == 'killed' else 'ended'}")
        return ""


def _by(actor: Actor, action: str) -> str:
    """' by ann', where she asked for it last."""
    return f" by {clean(actor.asked_by, 40)}" if actor.asked == action and actor.asked_by else ""


def _life(actor: Actor) -> str:
    return f"{actor.id}{actor.session}"


def _zxid(step: Step) -> str:
    return step.change.zxid if step.change is not None else ""
