"""Differences between two values of a topic, as JSON merge patches (RFC 7396). Pure.

Values are JSON objects without ``null``: in a patch ``null`` removes a key.
An array is replaced as a whole.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def difference(old: Json, new: Json) -> Json:
    """The smallest merge patch that turns ``old`` into ``new``; empty when they are equal."""
    patch: Json = dict.fromkeys(old.keys() - new.keys())
    for key, value in new.items():
        before = old.get(key)
        if before is value:
            continue
        if key not in old:
            patch[key] = value
        elif isinstance(before, dict) and isinstance(value, dict):
            inner = difference(before, value)
            if inner:
                patch[key] = inner
        elif before != value or type(before) is not type(value):
            patch[key] = value
    return patch


def apply(value: Json, patch: Json) -> Json:
    """``value`` with ``patch`` applied, as a new object; ``value`` is left as it was."""
    result = dict(value)
    for key, change in patch.items():
        if change is None:
            result.pop(key, None)
        elif isinstance(change, dict):
            before = result.get(key)
            result[key] = apply(before if isinstance(before, dict) else {}, change)
        else:
            result[key] = change
    return result
