"""The data of a znode in a request: as text, JSON, hex or base64."""

import base64
import binascii
import json
from typing import Any, Literal

from ninja import Schema
from pydantic import ConfigDict

from dashboard import errors
from dashboard.api.access import Refused
from zkbridge.protocol.editing import LARGEST


class Data(Schema):
    model_config = ConfigDict(extra="forbid")

    encoding: Literal["text", "json", "hex", "base64"]
    """'text' becomes UTF-8; 'hex' may have spaces between bytes."""
    value: Any
    """A text, or with 'json' any value, which is written compactly."""

    def read(self) -> bytes:
        """The bytes that are meant; raise `Refused`."""
        data = self._read()
        if len(data) > LARGEST:
            text = f"The data have {len(data):,} bytes; servers take {LARGEST:,} in all (jute.maxbuffer, 1 MB)."
            raise Refused(errors.problem("too-large", text, "Keep large data elsewhere, and its address here."))
        return data

    def _read(self) -> bytes:
        if self.encoding == "json":
            return self._json()
        if not isinstance(self.value, str):
            raise self._bad("its value is not a text")
        try:
            if self.encoding == "text":
                return self.value.encode()
            if self.encoding == "hex":
                return bytes.fromhex(self.value)
            return base64.b64decode(self.value, validate=True)
        except UnicodeEncodeError as error:
            raise self._bad(f"half a character stands at position {error.start}") from None
        except (ValueError, binascii.Error):
            raise self._bad(f"its value is not {self.encoding}") from None

    def _json(self) -> bytes:
        try:
            return json.dumps(self.value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        except UnicodeEncodeError:
            raise self._bad("a text in it has half a character") from None
        except (ValueError, RecursionError):
            raise self._bad("a number in it is too large, or it is nested too deeply") from None

    def _bad(self, why: str) -> Refused:
        return Refused(errors.problem("bad-request", f"The data cannot be read as {self.encoding}: {why}.",
                                      "Nothing was done."))  # fmt: skip


NONE = Data(encoding="text", value="")
