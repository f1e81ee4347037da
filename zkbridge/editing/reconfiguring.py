"""Calls that change who belongs to the ensemble: a preview, the change, and what became of one that was lost."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Sequence

import msgspec

from zkbridge.editing.asking import AFTER, UNSURE, Answer, Asker
from zkbridge.editing.refused import Refused
from zkbridge.editing.words import identity
from zkbridge.editing.znodes import Handler, Params, read_params
from zkbridge.protocol.editing import Verdict
from zkbridge.protocol.ensemble import Ensemble
from zkbridge.protocol.reconfiguring import JudgeMembers, Preview, Reconfigure, Reconfigured, Seat
from zkbridge.views.reshaping import Change, Heard, Impossible, change, preview
from zkbridge.views.seats import Configuration, read, told
from zkbridge.znode import unpack
from zkbridge.zookeeper import errors
from zkbridge.zookeeper.changing import ReadAcl, WhoAmI
from zkbridge.zookeeper.reconfiguring import Reconfig
from zkbridge.zookeeper.requests import NO_AUTH, UNIMPLEMENTED, ReadData, Sync
from zkbridge.zookeeper.session import Refusal
from zkbridge.zookeeper.srvr import NoAnswer, ask
from zkbridge.zookeeper.tls import Armour

CONFIG = "/zookeeper/config"

AGAIN = 10.0
"""Seconds for which the bridge waits for a connection, to learn what became of a change whose answer was lost: an
election of a new leader is often the reason."""

IN_FLIGHT = 25_000.0
"""ms after which a change that was asked for has left the bridge, or never will."""

PAUSE = 0.1

NEVER = -2
"""A version that no configuration has: whatever is asked for it is refused, and changes nothing."""

RESOLVING = 0.5
"""Seconds that finding the address of a name may take."""


class Reconfiguring:
    """``calls``: the methods that it carries out. ``ensemble`` tells how servers are, as pages are told."""

    def __init__(self, asker: Asker, ensemble: Callable[[], Ensemble], tls: Armour | None = None) -> None:
        self._asker, self._ensemble, self._tls = asker, ensemble, tls
        self._off: dict[int, bool] = {}
        """Of the present session: whether the switch was found to be off."""
        self.calls: dict[str, Handler] = {
            "ensemble.preview": lambda params: self.preview(read_params(params, Reconfigure)),
            "ensemble.reconfig": lambda params: self.reconfig(read_params(params, Reconfigure)),
            "ensemble.verdict": self.verdict,
        }

    async def configuration(self) -> Configuration:
        """The present one, of a server that has caught up. Raise `Refused`."""
        self._asker.need_live()
        _, found = await self._asker.read(Sync(CONFIG), ReadData(CONFIG))
        if isinstance(found, Refusal):
            raise Refused(
                "unsupported",
                f"{CONFIG} cannot be read: {errors.name_of(found.code)}.",
                "Servers before ZooKeeper 3.5 have none; otherwise its ACL must let the bridge read it.",
            )
        return read(unpack(found.value).data.decode(errors="replace"))

    async def preview(self, wanted: Reconfigure) -> Preview:
        """What would become of it; of nothing wanted, how things are. Raise `Refused` for what cannot be told."""
        changed, found = await self._look(wanted)
        off = await self._is_off(changed.before)
        denied = _disabled("Nothing can be changed.") if off else await self._denied()
        return found if denied is None else msgspec.structs.replace(found, refused=denied.problem)

    async def reconfig(self, wanted: Reconfigure) -> Reconfigured:
        """Change it, once. Raise `Refused`; code 'unknown' says that it may have happened."""
        if not (wanted.add or wanted.remove or wanted.roles):
            raise Refused("bad-request", "Nothing is to be changed.", "Name servers to add, to remove, or their roles.")
        changed, found = await self._look(wanted)
        if found.refused is not None:
            raise Refused(found.refused.code, found.refused.text, found.refused.hint)
        request = Reconfig(changed.joining, changed.leaving, changed.before.version)
        try:
            answer = await self._asker.change(request)
        except Refusal as refusal:
            raise _explain(refusal.code, changed, await self._identities()) from None
        except Refused as refused:
            if refused.problem.code != "unknown":
                raise
            return await self._reconcile(changed, refused)
        return _done(changed, read(answer.value))

    async def verdict(self, params: Params) -> Verdict:
        """What became of a change whose result was lost."""
        asked = read_params(params, JudgeMembers)
        now = await self.configuration()
        if _is_as_wanted(now, asked.wanted):
            return Verdict("applied", f"The configuration is as wanted, at version {now.hex}.")
        if now.hex != asked.wanted.version:
            return Verdict("cannot-tell", f"The configuration was changed since: it is {now.hex}, and not as wanted.")
        left = asked.at + IN_FLIGHT + 2 * self._asker.session.timeout - self._asker.clock()
        if left > 0:
            raise Refused("not-now", "The change may still take effect.", f"Ask again in {left / 1000:.0f} s.")
        return Verdict("not-applied", f"The configuration is still {now.hex}.")

    async def _look(self, wanted: Reconfigure) -> tuple[Change, Preview]:
        now = await self.configuration()
        try:
            changed = change(now, wanted)
        except Impossible as impossible:
            problem = impossible.problem
            raise Refused(problem.code, problem.text, problem.hint) from None
        answers = await asyncio.gather(*map(self.hear, wanted.add))
        heard = dict(zip((seat.id for seat in wanted.add), answers, strict=True))
        return changed, preview(changed, self._ensemble(), heard, wanted.force)

    async def hear(self, seat: Seat) -> Heard:
        """How it answers at its client address; and whether others could reach it for elections."""
        host = seat.host if seat.client_host in ("", "0.0.0.0", "::") else seat.client_host
        try:
            found = await ask(host, seat.client, tls=self._tls)
        except NoAnswer as error:
            return Heard(reason=f"{error} at its client port {seat.client}")
        if seat.role == "participant" and found.mode in ("follower", "observer"):
            reason = await _reach(seat.host, seat.election)
            if reason:
                return Heard(reason=f"{reason} at its election port {seat.election}")
        return Heard(found.mode, found.zxid, f"it is {found.mode}")

    async def _is_off(self, now: Configuration) -> bool:
        """Whether reconfigEnabled is false. Where it is true, the first leader gives the configuration a version; where
        it has none the ensemble is asked, once over each session, for what it cannot do in any case."""
        session = self._asker.session.id
        if now.version or session in self._off:
            return not now.version and self._off[session]
        try:
            await self._asker.change(Reconfig(version=NEVER))
        except Refusal as refusal:
            self._off = {session: refusal.code == errors.RECONFIG_DISABLED}
        except Refused:
            return False
        return self._off.get(session, False)

    async def _denied(self) -> Refused | None:
        """Why the bridge may not change it, where its ACL tells so beforehand."""
        try:
            acl, who = await self._asker.read(ReadAcl(CONFIG), WhoAmI(), deadline=AFTER)
        except Refused:
            return None
        identities = who.value if isinstance(who, Answer) else None
        if not isinstance(acl, Answer) or any("w" in ace.perms for ace in acl.value[0]):
            return None
        if identities is None or any(scheme == "super" or name == "super" for scheme, name in identities):
            return None
        return _no_right(identities)

    async def _identities(self) -> Sequence[tuple[str, str]] | None:
        try:
            (who,) = await self._asker.read(WhoAmI(), deadline=AFTER)
        except Refused:
            return None
        return who.value if isinstance(who, Answer) else None

    async def _reconcile(self, changed: Change, refused: Refused) -> Reconfigured:
        """The answer was lost, as it often is where the leader itself is removed: read what there is now."""
        session = self._asker.session.id
        loop = asyncio.get_running_loop()
        give_up = loop.time() + AGAIN
        while loop.time() < give_up:
            await asyncio.sleep(PAUSE)
            try:
                now = await self.configuration()
            except Refused:
                continue
            if _is(now, changed):
                return _done(changed, now, reconciled=True)
            if now.version != changed.before.version:
                break
            if self._asker.session.id == session:
                # What is asked over the same session comes after it.
                raise Refused("failed", "The connection was lost meanwhile, and the configuration was not changed.",
                              "Try again.")  # fmt: skip
        raise refused


async def _reach(host: str, port: int) -> str:
    """Why nobody listens there; '' when somebody does, or where the name is one that only servers know."""
    try:
        async with asyncio.timeout(RESOLVING):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return ""
    try:
        async with asyncio.timeout(1.0):
            _, writer = await asyncio.open_connection(str(found[0][4][0]), port)
        writer.transport.abort()
    except TimeoutError:
        return "no answer within 1 s"
    except OSError as error:
        refused = isinstance(error, ConnectionRefusedError)
        return "connection refused" if refused else (error.strerror or str(error)).lower()
    return ""


def _done(changed: Change, now: Configuration, reconciled: bool = False) -> Reconfigured:
    words = told(len(changed.before.voters), len(now.voters))
    return Reconfigured(now.hex, list(now.seats.values()), words, reconciled)


def _is(now: Configuration, changed: Change) -> bool:
    """Whether ``now`` is what the change made: nobody else's change came between."""
    wanted = {ident: _place(seat) for ident, seat in changed.after.items()}
    return now.version > changed.before.version and _places(now) == wanted


def _is_as_wanted(now: Configuration, wanted: Reconfigure) -> bool:
    seats = _places(now)
    return (
        now.hex != wanted.version
        and all(seats.get(seat.id) == _place(seat) for seat in wanted.add)
        and not any(ident in seats for ident in wanted.remove)
        and all(ident in seats and now.seats[ident].role == role for ident, role in wanted.roles.items())
    )


def _places(now: Configuration) -> dict[str, Seat]:
    return {ident: _place(seat) for ident, seat in now.seats.items()}


def _place(seat: Seat) -> Seat:
    """The same however it is spelled: two who add a server by one id name mostly the same ports, of other hosts."""
    everywhere = seat.client_host in ("", "0.0.0.0", "::")
    client_host = "" if everywhere else _plain(seat.client_host)
    return msgspec.structs.replace(seat, host=_plain(seat.host), client_host=client_host)


def _plain(host: str) -> str:
    """ZooKeeper keeps a name as it was given, and spells out an address of IPv6."""
    try:
        return ipaddress.ip_address(host).compressed
    except ValueError:
        return host.lower().rstrip(".")


def _explain(error: int, changed: Change, identities: Sequence[tuple[str, str]] | None) -> Refused:
    if error == errors.RECONFIG_DISABLED:
        return _disabled("Nothing was changed.")
    if error == NO_AUTH:
        return _no_right(identities)
    if error == errors.NEW_CONFIG_NO_QUORUM:
        return Refused("would-lose-quorum", "The ensemble refused: no quorum of the new configuration is connected to "
                       "its leader and in sync. Nothing was changed.",
                       "Have the new members up and in sync first, or change fewer at a time.")  # fmt: skip
    if error == errors.RECONFIG_IN_PROGRESS:
        return Refused(
            "not-now", "Another reconfiguration is under way. Nothing was changed.", "Try again in a moment."
        )
    if error == errors.BAD_VERSION:
        text = f"Somebody else has changed the configuration since {changed.before.hex}. Nothing was changed."
        return Refused("wrong-version", text, "Look at the present one, then decide anew.")
    if error == UNIMPLEMENTED:
        return Refused("unsupported", "The server stands alone, or is older than ZooKeeper 3.5: its members "
                       "cannot be changed while it runs.", "Start it with standaloneEnabled=false.")  # fmt: skip
    if error == errors.BAD_ARGUMENTS:
        few = len(changed.voters) < 2
        why = "With standaloneEnabled=true, the default, it keeps at least two servers with a vote." if few else ""
        return Refused("bad-request", f"The ensemble does not accept this configuration. {why}".rstrip(),
                       "The log of its leader says why.")  # fmt: skip
    if error in UNSURE:
        return Refused("unknown", "The connection was lost: the change may or may not have happened.", "Look first.")
    return Refused("failed", f"The ensemble refused it: {errors.name_of(error)}. Nothing was changed.",
                   "The servers' logs may say more.")  # fmt: skip


def _disabled(outcome: str) -> Refused:
    text = f"The ensemble takes no reconfiguration: reconfigEnabled is false, as it is by default. {outcome}"
    hint = "Set reconfigEnabled=true in zoo.cfg of every server and start them again, one after another."
    return Refused("unsupported", text, hint)


def _no_right(identities: Sequence[tuple[str, str]] | None) -> Refused:
    text = f"The ACL of {CONFIG} does not let the bridge write it, so it may not reconfigure. {identity(identities)}"
    return Refused("acl-denied", text, "The ensemble's super user can allow it, once: setAcl /zookeeper/config "
                   "world:anyone:r,digest:USER:HASH:rw. docs/reconfiguration.md has the steps.")  # fmt: skip
