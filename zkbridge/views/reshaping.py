"""What becomes of an ensemble when servers join, leave, get or lose their vote: the arithmetic, and what is refused.
Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterator, Mapping

import msgspec

from zkbridge.protocol.base import Problem
from zkbridge.protocol.ensemble import Ensemble, Quorum
from zkbridge.protocol.reconfiguring import Answering, Preview, Reconfigure, Seat
from zkbridge.views.seats import Configuration, spell, told, with_role

HIGHEST = 255
"""Of ids: the first byte of the sessions that a server makes."""

MOST = 50
"""Servers added, or taken out, at once."""

LAG = 1_000
"""Transactions behind the leader up to which a server counts as in sync."""

_ID = re.compile(r"[1-9]\d{0,2}", re.ASCII)
_VOTES = ("leading", "following", "standalone")
_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*\.?")


class Impossible(Exception):
    """Raised for a change that cannot be, or that would lose the quorum."""

    def __init__(self, code: str, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.problem = Problem(code, text, hint)


class Heard(msgspec.Struct, frozen=True):
    """How a server that would join answered ``srvr``: ``mode`` '' when it did not, and ``reason`` says why."""

    mode: str = ""
    zxid: int | None = None
    reason: str = ""


class Change(msgspec.Struct, frozen=True):
    """``joining`` and ``leaving`` as the request has them."""

    before: Configuration
    after: dict[str, Seat]
    joining: tuple[str, ...]
    leaving: tuple[str, ...]

    @property
    def voters(self) -> list[str]:
        return [ident for ident, seat in self.after.items() if seat.role == "participant"]


def change(now: Configuration, wanted: Reconfigure) -> Change:
    """What ``wanted``, which may be nothing, makes of the configuration; raise `Impossible` for what no ensemble could
    take."""
    if now.grouped:
        raise Impossible("unsupported", "This ensemble's quorum is one of weights or groups, and for such ZooKeeper "
                         "refuses to change single members.",
                         "Give it a whole new configuration: reconfig -file, or new files and a restart.")  # fmt: skip
    if not now.seats:
        raise Impossible(
            "unsupported",
            "/zookeeper/config names no server: this one stands alone "
            "(standaloneEnabled), and who belongs to it cannot be changed while it runs.",
            "Start it with standaloneEnabled=false and a line server.N=… that has a client port.",
        )
    if wanted.version and wanted.version != now.hex:
        raise Impossible(
            "wrong-version",
            f"The configuration is not the one that you saw ({wanted.version}): it is "
            f"{now.hex} now. Nothing was changed.",
            "Look at the present one, then decide anew.",
        )
    _check_wanted(now, wanted)
    after = {ident: seat for ident, seat in now.seats.items() if ident not in wanted.remove}
    joining = []
    for ident, role in wanted.roles.items():
        after[ident] = msgspec.structs.replace(after[ident], role=role)
        joining.append(f"server.{ident}={with_role(now.texts[ident], role)}")
    for seat in wanted.add:
        _check_seat(seat, after)
        after[seat.id] = seat
        joining.append(f"server.{seat.id}={spell(seat)}")
    in_order = dict(sorted(after.items(), key=lambda item: int(item[0])))
    changed = Change(now, in_order, tuple(joining), tuple(wanted.remove))
    if not changed.voters:
        what = "the last server" if not after else "the last server with a vote"
        raise Impossible("would-lose-quorum", f"This would take away {what}: nothing could be decided any more.",
                         "Leave at least one participant.")  # fmt: skip
    return changed


def preview(change: Change, ensemble: Ensemble, heard: Mapping[str, Heard], force: bool = False) -> Preview:
    """What would become of it as things stand; ``heard``: of servers that would join."""
    before, after = change.before.voters, change.voters
    answers = {ident: _answering(ident, seat, ensemble, heard) for ident, seat in change.after.items()}
    up = [ident for ident in before if _role(ident, ensemble) in _VOTES]
    counts = [ident for ident in after if answers[ident].counts]
    led = bool(ensemble.leader)
    found = Preview(
        change.before.hex, list(change.before.seats.values()), list(change.after.values()),
        _quorum(len(before), len(up), led), _quorum(len(after), len(counts), led), told(len(before), len(after)),
        answers, list(_notes(change, ensemble)),
    )  # fmt: skip
    if not (change.joining or change.leaving):
        return found
    try:
        _check_quorum(change, ensemble, answers, counts)
        if not force:
            _check_joining(change, heard, answers)
    except Impossible as impossible:
        return msgspec.structs.replace(found, refused=impossible.problem)
    return found


def _check_wanted(now: Configuration, wanted: Reconfigure) -> None:
    if max(len(wanted.add), len(wanted.remove), len(wanted.roles)) > MOST:
        raise Impossible("too-many", f"More than {MOST} servers at once.", "Change fewer at a time.")
    named = [*wanted.remove, *wanted.roles, *(seat.id for seat in wanted.add)]
    twice = next((ident for ident in named if named.count(ident) > 1), None)
    if twice is not None:
        raise Impossible("bad-request", f"Server {twice[:20]} is named twice.", "Change each server once at a time.")
    for ident in (*wanted.remove, *wanted.roles):
        if ident not in now.seats:
            known = ", ".join(now.seats)
            raise Impossible("no-such-server", f"The configuration has no server {ident[:20]!r}.", f"It has: {known}.")
    for ident, role in wanted.roles.items():
        if now.seats[ident].role == role:
            raise Impossible("not-now", f"Server {ident} is {_a(role)} already.", "Nothing is to be done.")
        if not now.seats[ident].client:
            raise Impossible("unsupported", f"The configuration does not tell the client port of server {ident}, and "
                             "ZooKeeper changes no member without.",
                             "Write it behind a semicolon in server.N=… of every server's file.")  # fmt: skip


def _check_seat(seat: Seat, others: Mapping[str, Seat]) -> None:
    if not _ID.fullmatch(seat.id) or int(seat.id) > HIGHEST:
        raise Impossible("bad-request", f"{seat.id[:20]!r} is not an id of a server.", f"Ids are 1 to {HIGHEST}.")
    if seat.id in others:
        raise Impossible("exists", f"There is a server {seat.id} already.", "Choose an id that is free.")
    for host in filter(None, (seat.host, seat.client_host)) if seat.host else ("",):
        if not _is_host(host):
            raise Impossible("bad-request", f"{host[:80]!r} is not a host.", "A host is a name, or an IP address.")
    ports = {"quorum port": seat.quorum, "election port": seat.election, "client port": seat.client}
    for what, port in ports.items():
        if not 0 < port < 65_536:
            raise Impossible("bad-request", f"The {what} cannot be {port}.", "Ports are 1 to 65535.")
    if len(set(ports.values())) < len(ports):
        raise Impossible("bad-request", f"Server {seat.id} cannot use one port for two things.", "Give it three ports.")
    own = set(_addresses(seat))
    for other in others.values():
        shared = sorted(own & set(_addresses(other)))
        if shared:
            host, port = shared[0]
            raise Impossible("exists", f"{host}:{port} is an address of server {other.id} already.",
                             "ZooKeeper would take it, and both would fail. Give it ports of its own.")  # fmt: skip


def _check_quorum(
    change: Change, ensemble: Ensemble, answers: Mapping[str, Answering], counts: Collection[str]
) -> None:
    size, needs = len(change.voters), len(change.voters) // 2 + 1
    if len(counts) >= needs:
        return
    missing = [f"server {ident} {answers[ident].words}" for ident in change.voters if ident not in counts]
    raise Impossible(
        "would-lose-quorum",
        f"The new configuration has {size} with a vote and needs {needs}, but {_of_them(len(counts))} connected and in "
        f"sync: {'; '.join(missing[:5])}.",
        "ZooKeeper refuses it too. Have the others up first, or change fewer at a time.",
    )


def _check_joining(change: Change, heard: Mapping[str, Heard], answers: Mapping[str, Answering]) -> None:
    for ident, found in heard.items():
        if found.mode in ("leader", "standalone"):
            raise Impossible("not-now", f"Server {ident} leads an ensemble of its own, so it would not join this one.",
                             "Start it with no data and with the members of this ensemble in its file.")  # fmt: skip
        if found.mode not in ("follower", "observer") or not answers[ident].words.endswith("in sync"):
            raise Impossible("not-now", f"Server {ident} {answers[ident].words}, so nothing was changed.",
                             "Start it with the present members and itself in its file, and wait until it follows; "
                             "or insist, and the ensemble counts it as one that is down.")  # fmt: skip


def _answering(ident: str, seat: Seat, ensemble: Ensemble, heard: Mapping[str, Heard]) -> Answering:
    found = heard.get(ident)
    if found is not None:
        return _joiner(seat, ensemble, found)
    server = ensemble.servers.get(ident)
    if server is None:
        return Answering("is not known to have answered")
    if server.role == "observing" and seat.role == "participant":
        return Answering("observes: it counts only after it has its vote")
    if server.role in ("following", "observing"):
        late = server.behind is not None and server.behind > LAG
        words = {"following": "follows", "observing": "observes"}[server.role]
        behind = f"{server.behind:,} transactions behind" if late else "in sync"
        return Answering(f"{words}, {behind}", server.role == "following" and not late)
    if server.role in ("leading", "standalone"):
        return Answering("leads", True)
    if server.role == "unknown":
        return Answering(f"is unknown{f': {server.reason}' if server.reason else ''}")
    return Answering(f"is {server.role}{f': {server.reason}' if server.reason else ''}")


def _joiner(seat: Seat, ensemble: Ensemble, found: Heard) -> Answering:
    if found.mode in ("leader", "standalone"):
        return Answering("leads an ensemble of its own")
    if found.mode == "looking":
        return Answering("answers, but knows no leader")
    if found.mode not in ("follower", "observer"):
        return Answering(f"does not answer: {found.reason or 'nothing is known of it'}")
    words = "follows" if found.mode == "follower" else "observes"
    leader = ensemble.servers.get(ensemble.leader)
    zxid = int(leader.zxid, 16) if leader is not None and leader.zxid else None
    if zxid is not None and found.zxid is not None:
        if zxid >> 32 > found.zxid >> 32 and zxid & 0xFFFFFFFF:
            return Answering(f"{words}, but has nothing of the present epoch")
        if zxid >> 32 == found.zxid >> 32 and zxid - found.zxid > LAG:
            return Answering(f"{words}, {zxid - found.zxid:,} transactions behind")
    return Answering(f"{words}, in sync", found.mode == "follower" and seat.role == "participant")


def _notes(change: Change, ensemble: Ensemble) -> Iterator[str]:
    leader = ensemble.leader
    if leader in change.leaving:
        yield f"Server {leader} leads: another is elected at once, and connections break and come back meanwhile."
    elif leader in change.after and leader in change.before.voters and leader not in change.voters:
        yield f"Server {leader} leads and loses its vote: another is elected at once."
    if change.leaving:
        one = len(change.leaving) == 1
        yield (
            f"Removing {'a server does not stop its process' if one else 'servers does not stop their processes'}: "
            "clients that are connected there stay on one that is no member. Stop it afterwards."
        )
    voters = len(change.voters)
    if voters % 2 == 0 and voters > len(change.before.voters):
        yield f"An even number helps no further: {voters} can lose no more than {voters - 1} could."
    if voters == 1:
        yield "One server alone: when it fails, everything stops."


def _quorum(size: int, up: int, led: bool) -> Quorum:
    needs = size // 2 + 1
    held = led and up >= needs
    spare = max(0, up - needs) if held else 0
    words = f"needs {needs} of {size}, " + (f"can lose {spare or 'none'}" if held else f"has {up or 'none'}")
    return Quorum(size, needs, up, spare, held, words)


def _role(ident: str, ensemble: Ensemble) -> str:
    server = ensemble.servers.get(ident)
    return server.role if server is not None else ""


def _addresses(seat: Seat) -> Iterator[tuple[str, int]]:
    """Where it listens, as far as names tell."""
    yield seat.host.lower(), seat.quorum
    yield seat.host.lower(), seat.election
    if seat.client:
        everywhere = seat.client_host in ("", "0.0.0.0", "::")
        yield (seat.host if everywhere else seat.client_host).lower(), seat.client


def _is_host(host: str) -> bool:
    if _NAME.fullmatch(host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _of_them(count: int) -> str:
    return "none of them is" if not count else "only 1 of them is" if count == 1 else f"only {count} of them are"


def _a(role: str) -> str:
    return f"{'an' if role[0] in 'aeiou' else 'a'} {role}"
