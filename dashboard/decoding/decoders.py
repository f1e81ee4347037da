"""Decodes for a web process: what is small and plain at once, all else in workers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

import msgspec

from dashboard.decoding import messages, plugins
from dashboard.decoding.builtin import BUILTIN, RAW
from dashboard.decoding.layers import AUTO, Costly, Decoded, Layers
from dashboard.decoding.pool import Ended, Pool

SMALL = 16_384
"""Bytes up to which quick decoders run in the web process itself, where no plug-in is installed."""

TIME = 2.0
"""Seconds that a worker may take for one znode."""

QUARANTINE = 60.0
"""Seconds that a plug-in which did not end is left alone, unless it is asked for."""

MOST_BLAMED = 3

logger = logging.getLogger(__name__)


class Decoders:
    """Begins nothing before it is asked. All in the loop that first asked; `stop` ends its workers."""

    def __init__(self, seconds: float = TIME) -> None:
        self._seconds = seconds
        self._pool = Pool(seconds)
        self._plugins: list[str] | None = None
        self._ended: dict[str, float] = {}
        """When a plug-in did not end last, by name."""

    async def decode(self, data: bytes, path: str, wanted: str = AUTO) -> Decoded:
        """What ``data`` of the znode at ``path`` says, by the decoder of this name or the one that seems best.

        Raise `dashboard.decoding.pool.Busy` where too many ask.
        """
        if not await self._names() and len(data) <= SMALL:
            with contextlib.suppress(Costly):
                return Layers(BUILTIN, data, path, quick=True).read(wanted)
        blamed: dict[str, Ended] = {}
        while len(blamed) < MOST_BLAMED:
            without = [*blamed, *(name for name in self._resting() if name != wanted)]
            try:
                done = await self._pool.ask(messages.Decode(data, path, wanted, without), messages.Done)
            except Ended as ended:
                self._blame(ended)
                once_more = ended.died and ended.at not in blamed
                blamed[ended.at] = ended
                if not ended.at and not once_more:
                    break
                wanted = AUTO if ended.at == wanted else wanted
            else:
                blamed.pop("", None)
                return self._warned(done.decoded, blamed)
        # As it is, at least.
        return self._warned(Layers(BUILTIN, data, path, quick=True).read(RAW.name), blamed)

    async def listed(self) -> list[messages.Described]:
        """Every decoder that there is, plug-ins with what is wrong with them; raise `Busy`, or `Ended`."""
        if not await self._names():
            return [messages.Described(decoder.name, decoder.label) for decoder in BUILTIN]
        blamed: list[str] = []
        while True:
            try:
                listed = await self._pool.ask(messages.Describe(blamed), messages.Listed)
            except Ended as ended:
                self._blame(ended)
                if not ended.at or ended.at in blamed:
                    raise
                blamed.append(ended.at)
            else:
                problem = f"It did not end within {self._seconds:g} s when it was loaded."
                return [
                    msgspec.structs.replace(one, problem=problem) if one.name in blamed else one
                    for one in listed.decoders
                ]

    async def stop(self) -> None:
        await self._pool.stop()

    async def _names(self) -> list[str]:
        """Of the plug-ins that are installed, read once."""
        if self._plugins is None:
            self._plugins = list(await asyncio.to_thread(plugins.found))
        return self._plugins

    def _resting(self) -> list[str]:
        now = time.monotonic()
        return [name for name, since in self._ended.items() if now - since < QUARANTINE]

    def _blame(self, ended: Ended) -> None:
        if ended.at:
            self._ended[ended.at] = time.monotonic()
        logger.warning("%s", self._words(ended))

    def _warned(self, decoded: Decoded, blamed: dict[str, Ended]) -> Decoded:
        told = [self._words(ended) for ended in blamed.values()]
        return msgspec.structs.replace(decoded, warning=" ".join([*told, decoded.warning]).strip())

    def _words(self, ended: Ended) -> str:
        who = f"The decoder {ended.at}" if ended.at else "Decoding"
        what = "ended its process" if ended.died else f"took more than {self._seconds:g} s, and was ended"
        return f"{who} {what}."
