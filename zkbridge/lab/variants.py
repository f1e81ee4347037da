"""The ways in which a node of the lab can wait for its turn to lead."""

from __future__ import annotations

from typing import Literal

import msgspec


class Variant(msgspec.Struct, frozen=True):
    """``watches``: whom a candidate that does not lead watches, the one just 'ahead' of it or the 'leader'.

    Each variant has an election and a registry of its own, so that both can stand side by side.
    """

    name: str
    election: str
    registry: str
    watches: Literal["ahead", "leader"]

    def watched(self, place: int) -> int:
        """The place of the candidate that the one at ``place`` (1 or higher; 0 leads) watches."""
        return place - 1 if self.watches == "ahead" else 0


CHAIN = Variant("chain", "/election", "/service_registry", "ahead")
"""When a node dies, one other wakes."""

HERD = Variant("herd", "/election_herd", "/service_registry_herd", "leader")
"""When the leader dies, all others wake, and all but one find that it is not their turn."""

VARIANTS: dict[str, Variant] = {variant.name: variant for variant in (CHAIN, HERD)}
