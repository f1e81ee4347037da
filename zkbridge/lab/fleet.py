"""The servers of a lab: begun with some, joined and left by others. It plans and writes; the supervisor runs them.

Whether a server belongs to the ensemble is not known here: ``/zookeeper/config`` says so, and the bridge changes it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable

from zkbridge.facts import Member
from zkbridge.lab.links import HIGHEST_SERVER
from zkbridge.lab.program import Program
from zkbridge.lab.refused import Refused
from zkbridge.lab.servers import MOST, Ensemble

_SEAT = re.compile(r"server\.(\d{1,3})=([A-Za-z0-9_.\-\[\]:|]{3,600};[A-Za-z0-9_.\-\[\]:]{1,300})")


class Fleet:
    """``program`` makes the program of a server; ``changed`` is told of each change, before it is carried out."""

    def __init__(
        self, ensemble: Ensemble, program: Callable[[Ensemble, int], Program], changed: Callable[[Fleet], None]
    ) -> None:
        self.ensemble = ensemble
        self._program = program
        self._changed = changed
        self._there = set(range(1, len(ensemble.ports) + 1))

    @property
    def members(self) -> tuple[Member, ...]:
        """All servers of the lab, those too that have not joined yet."""
        return tuple(member for member in self.ensemble.members if int(member.id) in self._there)

    @property
    def hosts(self) -> str:
        """The connect string."""
        return ",".join(f"{member.host}:{member.port}" for member in self.members)

    def program(self, number: int) -> Program:
        return self._program(self.ensemble, number)

    def add(self, role: str, seats: Iterable[str]) -> tuple[int, str]:
        """Plan and write one more server, which is told of ``seats`` (``server.1=…``) and of itself; its number and
        its own seat. `Refused` when there are too many."""
        if role not in ("participant", "observer"):
            raise Refused("bad-request", f"There is no role {role[:40]!r}.", "Roles: participant, observer.")
        if len(self._there) >= MOST:
            raise Refused("too-many", f"The lab has {len(self._there)} servers, and takes {MOST}.", "Remove one first.")
        told = _read(seats)
        number = len(self.ensemble.ports) + 1
        if number > HIGHEST_SERVER:
            raise Refused(
                "too-many", f"{HIGHEST_SERVER} servers have been added: ids are used up.", "Start a new demo."
            )
        self.ensemble = self.ensemble.grown()
        seat = self.ensemble.seat(number, role)  # type: ignore[arg-type]
        self.ensemble.write_one(number, told | {number: seat})
        self._there.add(number)
        self._changed(self)
        return number, f"server.{number}={seat}"

    def drop(self, number: int) -> None:
        """Forget a server whose process has ended, and delete its files."""
        self._there.discard(number)
        self._changed(self)
        shutil.rmtree(self.ensemble.home(number), ignore_errors=True)

    def wipe(self, number: int) -> None:
        """Delete the data of a server whose process has ended: all but its number."""
        shutil.rmtree(self.ensemble.home(number) / "data/version-2", ignore_errors=True)


def _read(seats: Iterable[str]) -> dict[int, str]:
    told: dict[int, str] = {}
    for line in seats:
        found = _SEAT.fullmatch(line)
        if found is None:
            raise Refused("bad-request", f"This is no member of an ensemble: {line[:80]!r}.")
        told[int(found[1])] = found[2]
    return told
