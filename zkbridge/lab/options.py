"""What people set in the environment (HOST, PORT, SERVERS, NODES, PREVIEW) or behind a command."""

from __future__ import annotations

from collections.abc import Collection, Mapping


class BadOption(ValueError):
    """Raised for a value that cannot be used; the text names the variable, the value and what is allowed."""


def number(environ: Mapping[str, str], name: str, default: int, allowed: Collection[int]) -> int:
    """The whole number in ``name``, which must be one of ``allowed``."""
    text = environ.get(name, "").strip() or str(default)
    if text.isascii() and text.isdigit() and len(text) < 6 and int(text) in allowed:
        return int(text)
    words = f"{min(allowed)} to {max(allowed)}" if isinstance(allowed, range) else ", ".join(map(str, allowed))
    raise BadOption(f"{name} is {text[:40]!r}; it must be one of {words}." if not isinstance(allowed, range)
                    else f"{name} is {text[:40]!r}; it must be a whole number from {words}.")  # fmt: skip


def host(environ: Mapping[str, str]) -> str:
    """HOST, on which pages are served: loopback unless set."""
    return environ.get("HOST", "").strip() or "127.0.0.1"
