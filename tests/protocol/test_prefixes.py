"""A prefix holds for a path and all below it, and no spelling of a path gets round it."""

from __future__ import annotations

import posixpath

from hypothesis import example, given
from hypothesis import strategies as st

from zkbridge.protocol import prefixes
from zkbridge.protocol.topics import BadTopic, check_path

NAMES = st.text(min_size=1, max_size=6).filter(lambda name: "/" not in name) | st.sampled_from(
    ["a", "ab", "A", "..", ".", "zookeeper", "zookeeper ", "%2F", "\u00e9", "e\u0301", "\u200b", "\uff41"]
)
PATHS = st.lists(NAMES, max_size=4).map(lambda names: "/" + "/".join(names))


def sound(path: str) -> bool:
    try:
        check_path(path)
    except BadTopic:
        return False
    return True


@given(PATHS.filter(sound), PATHS.filter(sound))
@example("/a", "/ab")
@example("/", "/a")
@example("/a/b", "/a")
def test_a_prefix_covers_whole_segments(prefix: str, path: str) -> None:
    names, wanted = [name for name in path.split("/") if name], [name for name in prefix.split("/") if name]
    assert prefixes.covers(prefix, path) == (names[: len(wanted)] == wanted)
    assert prefixes.at([prefix], path) == (prefixes.below([path], prefix) != [])


@given(st.text() | PATHS | st.lists(st.sampled_from(["/zookeeper", "/", "/.", "/..", "a", "/a"])).map("".join))
@example("/zookeeper/")
@example("//zookeeper")
@example("/a/../zookeeper")
@example("/./zookeeper")
@example("/zookeeper\0")
def test_each_znode_has_one_spelling(path: str) -> None:
    """What is not refused says the same to whoever normalises paths, so that no detour ends below a prefix."""
    assert not sound(path) or posixpath.normpath(path) == path and "//" not in path
