"""Merge patches: whatever the values, patch and value give the new value."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from zkbridge.protocol.delta import apply, difference

floats = st.floats(allow_nan=False, allow_infinity=False, width=16).map(lambda number: number + 0.0)  # no -0.0
scalars = st.booleans() | st.integers(-3, 3) | floats | st.text(max_size=3)
keys = st.sampled_from(["a", "b", "c", "", "/x", "✓"])
objects = st.recursive(
    st.dictionaries(keys, scalars, max_size=4),
    lambda inner: st.dictionaries(keys, scalars | inner | st.lists(scalars | inner, max_size=3), max_size=4),
    max_leaves=12,
)


@given(objects, objects)
def test_applying_the_difference_gives_the_new_value(old: dict[str, Any], new: dict[str, Any]) -> None:
    patch = difference(old, new)
    assert canonical(apply(old, patch)) == canonical(new)


@given(objects, objects)
def test_it_survives_the_wire(old: dict[str, Any], new: dict[str, Any]) -> None:
    patch = msgspec.json.decode(msgspec.json.encode(difference(old, new)))
    assert canonical(apply(msgspec.json.decode(msgspec.json.encode(old)), patch)) == canonical(new)


def test_values_that_python_alone_holds_for_equal_differ() -> None:
    assert difference({"a": [False, 1]}, {"a": [0, 1.0]}) == {"a": [0, 1.0]}
    assert difference({"a": [{"b": True}]}, {"a": [{"b": 1}]}) == {"a": [{"b": 1}]}
    assert difference({"a": [1, "x"]}, {"a": [1, "x"]}) == {}


@given(objects)
def test_equal_values_have_no_difference(value: dict[str, Any]) -> None:
    assert difference(value, msgspec.json.decode(msgspec.json.encode(value))) == {}


@given(objects, objects)
def test_neither_side_is_changed(old: dict[str, Any], new: dict[str, Any]) -> None:
    before, after = canonical(old), canonical(new)
    apply(old, difference(old, new))
    assert (canonical(old), canonical(new)) == (before, after)


def canonical(value: dict[str, Any]) -> bytes:
    """Encoded with keys in order, so that 1 and True and 1.0 differ as they do on the wire."""
    return msgspec.json.encode(value, order="deterministic")
