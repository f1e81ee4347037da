"""One scenario: what it is called, what it shows, what it needs, and how it is played."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from zkbridge.scenarios.script import Script


class Scenario(msgspec.Struct, frozen=True):
    """``sizes``: with how many servers it can be played, any where it is empty. ``nodes``: how many must be alive."""

    name: str
    title: str
    shows: str
    play: Callable[[Script], Awaitable[None]]
    sizes: tuple[int, ...] = ()
    nodes: int = 0

    @property
    def needs(self) -> str:
        """In words, for people."""
        servers = "any number of servers"
        if self.sizes == (1,):
            servers = "one server"
        elif self.sizes:
            servers = " or ".join(map(str, self.sizes)) + " servers"
        return f"{servers}, {self.nodes} nodes or more" if self.nodes else servers

    def fits(self, servers: int) -> bool:
        """Whether it can be played with so many; also where none is known of yet."""
        return not servers or not self.sizes or servers in self.sizes

    @property
    def commands(self) -> list[str]:
        """How to start a lab that fits: with a page, and without."""
        return [f"SERVERS={self.suits} make demo", f".venv/bin/python manage.py scenario {self.name}"]

    @property
    def suits(self) -> int:
        """With how many servers a lab of its own is started."""
        return 3 if not self.sizes or 3 in self.sizes else self.sizes[0]
