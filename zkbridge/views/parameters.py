"""Reads the parameters of topics. Pure."""

from __future__ import annotations

from zkbridge.protocol.base import Problem
from zkbridge.protocol.topics import BadTopic, Topic


def number(topic: Topic, name: str, default: int, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``; raise `BadTopic` for anything else."""
    text = topic.parameters.get(name)
    if text is None:
        return default
    digits = text.isascii() and text.isdigit() and len(text) <= 12
    if not digits or not low <= int(text) <= high:
        raise BadTopic(
            Problem(
                "bad-topic",
                f"The parameter {name!r} of topic {topic.name!r} is {text[:80]!r}; it must be a whole number "
                f"from {low} to {high}.",
            )
        )
    return int(text)


def choice(topic: Topic, name: str, allowed: tuple[str, ...]) -> str:
    """One of ``allowed``, the first by default; raise `BadTopic` for anything else."""
    text = topic.parameters.get(name, allowed[0])
    if text not in allowed:
        raise BadTopic(
            Problem(
                "bad-topic",
                f"The parameter {name!r} of topic {topic.name!r} is {text[:80]!r}.",
                "It takes: " + ", ".join(allowed) + ".",
            )
        )
    return text
