"""What every message of the protocol is made of.

Absent means "not known" or "not so": a value that equals its default is left
out of the JSON, and ``null`` never stands for anything but "removed" in a
delta (see `zkbridge.protocol.delta`).
"""

from __future__ import annotations

import msgspec

Ms = float
"""A moment: milliseconds since 1970-01-01 UTC on the bridge's clock, with fraction."""

Hex = str
"""A 64-bit number such as a zxid or a session id, as ``0x…``: JavaScript loses integers above 2**53."""

Path = str
"""An absolute path of a znode, as ZooKeeper spells it: ``/``, ``/election/c_0000000003``."""


class Message(msgspec.Struct, omit_defaults=True, frozen=True):
    """A value that the bridge or the hub sends. Receivers ignore fields that they do not know."""


class Request(msgspec.Struct, omit_defaults=True, frozen=True, forbid_unknown_fields=True):
    """A value that a client sends. A field that is not known is refused."""


class Problem(Message, frozen=True):
    """Something that went wrong, in words for a person.

    ``code`` is stable and made of lower-case words joined by '-'; ``text``
    says what was wrong and where; ``hint`` what to do next.
    """

    code: str
    text: str
    hint: str = ""
