"""Differences between two values of a topic, as JSON merge patches (RFC 7396). Pure.

Values are JSON objects without ``null``: in a patch ``null`` removes a key.
An array is replaced as a whole.
"""

from __future__ import annotations

from typing import Any

import msgspec

Json = dict[str, Any]

_wire = msgspec.json.Encoder().encode


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
        elif not _same(before, value):
            patch[key] = value
    return patch


def _same(one: Any, other: Any) -> bool:
    """As JSON: Python holds True, 1 and 1.0 for equal, and lists of them."""
    return type(one) is type(other) and one == other and (not isinstance(one, list) or _wire(one) == _wire(other))


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
