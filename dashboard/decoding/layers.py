"""From the bytes of a znode to what people read: layer by layer, by itself or as asked.

Pure, given its decoders. ``trying`` is told the name of each decoder before it is run, so that the one that never ends
can be named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from dashboard.decoding.builtin import RAW, TEXT
from dashboard.decoding.decoder import MAX_LAYERS, MAX_OUTPUT, SURE, Bytes, Decoder, Result, Text, Undecodable, allowed
from dashboard.decoding.readable import readable, whole_characters

AUTO = "auto"
MAX_HEX = MAX_OUTPUT // 2

WRAPPERS = frozenset({"gzip", "zlib", "snappy"})
"""What is taken off first where a person asked for something else: nobody wants the JSON of a gzip's own bytes."""


class Choice(msgspec.Struct, frozen=True):
    name: str
    label: str


class Decoded(msgspec.Struct, frozen=True):
    """What was made of a znode. It has either ``text`` or ``hex``."""

    decoder: str
    """The last one that was used."""
    layers: list[Choice]
    """All that were, the outermost first."""
    language: str
    text: str | None
    hex: str | None
    """Of the bytes that nothing was made of."""
    length: int
    """Bytes of what is shown, before they were cut for it."""
    truncated: bool
    warning: str
    """What was cut, left or tried in vain, in words; '' where nothing was."""
    choices: list[Choice]
    """The decoders that the znode's own bytes may be for, the likeliest first."""


class Costly(Exception):
    """Raised instead of running a decoder that is not quick."""


class Layers:
    """One reading of one znode's bytes."""

    def __init__(
        self,
        decoders: Sequence[Decoder],
        data: bytes,
        path: str,
        *,
        quick: bool = False,
        trying: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._decoders = decoders
        self._data = data
        self._path = path
        self._limit = allowed(len(data))
        self._quick = quick
        self._trying = trying
        self._layers: list[Decoder] = []
        self._warnings: list[str] = []
        self._cut = False

    def read(self, wanted: str = AUTO) -> Decoded:
        """Decode with the decoder of this name, or as seems best. Never raises, but for `Costly`."""
        likely = self._likely(self._data)
        result = self._automatic(self._data, likely) if wanted == AUTO else self._asked(wanted)
        choices = [Choice(decoder.name, decoder.label) for _, decoder in likely]
        return self._described(result, choices)

    def _automatic(self, data: bytes, likely: list[tuple[float, Decoder]]) -> Result:
        while True:
            if len(self._layers) == MAX_LAYERS:
                self._warnings.append(f"There are more than {MAX_LAYERS} layers: the rest is shown as it is.")
                return self._end(data)
            result = self._first(data, likely)
            if not isinstance(result, Bytes):
                return result or self._end(data)
            data = result.data
            likely = self._likely(data)

    def _first(self, data: bytes, likely: list[tuple[float, Decoder]]) -> Result | None:
        """What the likeliest decoder makes of it that can."""
        for confidence, decoder in likely:
            if confidence < SURE or decoder in (TEXT, RAW):
                return None
            if result := self._tried(decoder, data, tell=False):
                return result
        return None

    def _asked(self, wanted: str) -> Result:
        decoder = next((one for one in self._decoders if one.name == wanted), None)
        if decoder is None:
            self._warnings.append("There is no decoder of this name.")
            return self._end(self._data)
        within = [self._data]
        while decoder is not RAW and wanted not in WRAPPERS and len(within) < MAX_LAYERS:
            likely = self._likely(within[-1])
            wrapper = likely[0][1] if likely[0][0] == 1 else None
            if wrapper is None or wrapper.name not in WRAPPERS or not (result := self._tried(wrapper, within[-1])):
                break
            assert isinstance(result, Bytes)
            within.append(result.data)
        while within:
            result = self._tried(decoder, within[-1], tell=len(within) == 1)
            if isinstance(result, Bytes) and decoder is not RAW:
                return self._automatic(result.data, self._likely(result.data))
            if result:
                return result
            within.pop()
            self._layers = self._layers[: max(0, len(within) - 1)]
        return self._end(self._data)

    def _tried(self, decoder: Decoder, data: bytes, tell: bool = True) -> Result | None:
        """What ``decoder`` makes of it, None where it cannot. ``tell``: it was asked for, so say why."""
        if self._quick and not decoder.quick:
            raise Costly(decoder.name)
        self._trying(decoder.name)
        try:
            result = decoder.decode(data, self._limit)
        except Undecodable as error:
            if tell:
                self._warnings.append(f"Not read as {decoder.label}: {error}")
            return None
        except Exception as error:
            self._warnings.append(_broke(decoder, error))
            return None
        self._layers.append(decoder)
        result = self._bounded(result)
        if result.warning:
            self._warnings.append(result.warning)
        if result.cut:
            self._cut = True
            self._warnings.append(f"The {decoder.label} holds more; the first {_size(result)} bytes are shown.")
        return result

    def _bounded(self, result: Result) -> Result:
        """No more than the limit, whatever a decoder thinks of it."""
        if isinstance(result, Bytes):
            if len(result.data) > MAX_OUTPUT:
                return Bytes(whole_characters(result.data[:MAX_OUTPUT]), True, result.warning)
            return result
        encoded = result.text.encode("utf-8", "backslashreplace")
        if len(encoded) > MAX_OUTPUT:
            kept = whole_characters(encoded[:MAX_OUTPUT]).decode("utf-8", "replace")
            return Text(kept, result.language, True, result.warning)
        return Text(encoded.decode(), result.language, result.cut, result.warning)

    def _likely(self, data: bytes) -> list[tuple[float, Decoder]]:
        """The decoders that these bytes may be for, the likeliest first, those of equal chance in their order."""
        found: list[tuple[float, Decoder]] = []
        for decoder in self._decoders:
            self._trying(decoder.name)
            try:
                confidence = float(decoder.detect(data, self._path))
            except Exception as error:
                self._warnings.append(_broke(decoder, error))
                continue
            if confidence > 0:
                found.append((min(confidence, 1.0), decoder))
        return sorted(found, key=lambda one: -one[0])

    def _end(self, data: bytes) -> Result:
        """Nothing more is made of it: it is text, or it stays bytes."""
        result = self._tried(RAW if readable(data) is None else TEXT, data)
        assert result is not None
        return result

    def _described(self, result: Result, choices: list[Choice]) -> Decoded:
        shown = result.data if isinstance(result, Bytes) else None
        length = _size_of(result)
        if shown is not None and len(shown) > MAX_HEX:
            self._cut = True
            self._warnings.append(f"The first {MAX_HEX:,} of {len(shown):,} bytes are shown.")
            shown = shown[:MAX_HEX]
        return Decoded(
            decoder=self._layers[-1].name,
            layers=[Choice(decoder.name, decoder.label) for decoder in self._layers],
            language=result.language if isinstance(result, Text) else "",
            text=result.text if isinstance(result, Text) else None,
            hex=None if shown is None else shown.hex(),
            length=length,
            truncated=self._cut,
            warning=" ".join(dict.fromkeys(self._warnings)),
            choices=choices,
        )


def _size_of(result: Result) -> int:
    return len(result.data) if isinstance(result, Bytes) else len(result.text.encode())


def _size(result: Result) -> str:
    return f"{_size_of(result):,}"


def _broke(decoder: Decoder, error: Exception) -> str:
    """An error's message could repeat data: only what sort it is of is told."""
    return f"The decoder {decoder.name} failed with {type(error).__name__}."
