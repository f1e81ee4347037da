"""Searches find what a naive look at every znode finds, a little at a time, and stay true afterwards."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zkbridge.protocol.base import Message, Ms
from zkbridge.protocol.search import Search
from zkbridge.protocol.topics import BadTopic, Topic, parse, spell
from zkbridge.protocol.znodes import Change
from zkbridge.search.query import LONGEST, How, Query, Where
from zkbridge.search.scan import Scan
from zkbridge.search.searches import OPEN, RUNNING, Searches
from zkbridge.tree import Harvest, Tree
from zkbridge.znode import Znode, name_of, pack, parent_of

NAMES = st.text("ab.-é\u20ac<0", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))
DATA = st.binary(max_size=4) | st.text("ab\nc\u20ac", max_size=6).map(str.encode)


def build(znodes: dict[str, bytes], epoch: int = 1) -> Tree:
    """The tree of these paths and data, with what is above them."""
    directories: dict[str, dict[str, bytes]] = {}
    for path, data in znodes.items():
        while path != "/":
            directories.setdefault(parent_of(path), {}).setdefault(name_of(path), pack(Znode(data=data)))
            path, data = parent_of(path), b""
    for path, data in znodes.items():
        if path != "/":
            directories[parent_of(path)][name_of(path)] = pack(Znode(data=data))
    tree = Tree()
    tree.replace(Harvest(pack(Znode(data=znodes.get("/", b""))), directories), epoch, epoch)
    return tree


PATHS = st.lists(NAMES, max_size=4).map(lambda names: "/" + "/".join(names))
TREES = st.dictionaries(PATHS, DATA, max_size=20).map(build)


def found(tree: Tree, query: Query, steps: int) -> set[str]:
    scan = Scan(tree, query)
    hits = []
    while not scan.done:
        hits += scan.step(steps)
    assert scan.searched == len(tree)
    paths = [hit.path for hit in hits]
    assert len(set(paths)) == len(paths)
    return set(paths)


def naive(tree: Tree, where: Where, test: Callable[[str], object]) -> set[str]:
    if where == "path":
        return {path for path, _ in tree.walk() if test(path)}
    return {path for path, znode in tree.walk() if any(test(line) for line in lines(znode.data))}


def lines(data: bytes) -> list[str]:
    """The lines that are searched: those of data which is not empty, bytes that are no UTF-8 as what no query has."""
    return [line.decode(errors="surrogateescape") for line in data.split(b"\n")] if data else []


WHERE = st.sampled_from(("path", "data"))
STEPS = st.integers(1, 7)


@given(TREES, WHERE, st.text("ab./\u20ac<0", min_size=1, max_size=4), STEPS)
def test_substrings(tree: Tree, where: Where, text: str, steps: int) -> None:
    assert found(tree, Query(text, where), steps) == naive(tree, where, lambda line: text in line)


PARTS = st.sampled_from((
    "a", "b", "c", "/", ".", "\\.", "[ab]", "[^a]", "^", "$", "a*", "(a|b)", "b+", "\u20ac", "\\b", "(?i:A)", "\\Aa?",
    "b?\\z",
))  # fmt: skip


@settings(max_examples=300)
@given(TREES, WHERE, st.lists(PARTS, min_size=1, max_size=4).map("".join), STEPS)
@example(build({"/a/b": b"x\na"}), "data", "^a$", 1)
@example(build({"/a/b": b"", "/a": b"\n"}), "data", "^$", 2)
def test_regular_expressions(tree: Tree, where: Where, text: str, steps: int) -> None:
    try:
        query = Query(text, where, "regex")
    except BadTopic:
        with pytest.raises(re.error):
            re.compile(text)
        return
    # In RE2 a \b is ASCII's, and no '.' or [^a] stands for bytes that are no UTF-8.
    pattern = re.compile(text.replace("\\z", "\\Z").replace("\\b", "(?a:\\b)").replace("[^a]", "[^a\udc80-\udcff]")
                         .replace(".", "[^\udc80-\udcff]").replace("\\[^\udc80-\udcff]", "\\."))  # fmt: skip
    assert found(tree, query, steps) == naive(tree, where, pattern.search)


def glob_fits(glob: list[str], text: str) -> bool:
    """Whether tokens of a glob fit all of a text, by trying everything."""
    if not glob:
        return text == ""
    first, rest = glob[0], glob[1:]
    if first == "**":
        return any(glob_fits(rest, text[n:]) for n in range(len(text) + 1))
    if first == "*":
        return any(glob_fits(rest, text[n:]) for n in range(len(text) + 1) if "/" not in text[:n])
    if text == "":
        return False
    fits = {"?": text[0] != "/", "[ab]": text[0] in "ab", "[!a]": text[0] not in "a/", "\\?": text[0] == "?"}
    return fits.get(first, text[0] == first) and glob_fits(rest, text[1:])


TOKENS = st.sampled_from(("a", "b", ".", "*", "**", "?", "[ab]", "[!a]", "\u20ac", "/", "\\?"))


@settings(max_examples=300)
@given(TREES, st.lists(TOKENS, min_size=1, max_size=5), STEPS)
def test_globs(tree: Tree, tokens: list[str], steps: int) -> None:
    text = "".join(tokens)
    if text.count("**") != tokens.count("**") or "***" in text or "**/" in text:
        return  # read otherwise than token by token
    expected = naive(tree, "path", lambda path: any(
        glob_fits(tokens, path[at:]) for at in ([0] if text.startswith("/") else
                                               [n + 1 for n, character in enumerate(path) if character == "/"])
    ))  # fmt: skip
    assert found(tree, Query(text, "path", "glob"), steps) == expected


def test_two_stars_before_a_slash_stand_for_any_number_of_segments() -> None:
    tree = build({"/a/b": b"", "/a/x/y/b": b"", "/a/xb": b""})
    assert found(tree, Query("/a/**/b", "path", "glob"), 1) == {"/a/b", "/a/x/y/b"}
    assert found(tree, Query("**/b", "path", "glob"), 1) == {"/a/b", "/a/x/y/b"}
    assert found(build({"/a": b"x=1\ny=2"}), Query("y=*", "data", "glob"), 1) == {"/a"}


@pytest.mark.parametrize(
    ("text", "where", "how", "words"),
    [
        ("(a", "path", "regex", "missing )"),
        ("a)(b", "path", "regex", "unexpected )"),
        ("a(?=b)", "path", "regex", "invalid perl operator"),
        ("(?-m)^a", "path", "regex", "flag m"),
        ("\\C", "data", "regex", "\\C"),
        ("((a{100}){100}){100}", "path", "regex", "repetition"),
        ("(\\pL{30}){30}", "path", "regex", "large"),
        ("[ab", "path", "glob", "'['"),
        ("[b-a]", "path", "glob", "The glob cannot be read: invalid character class range"),
        ("a\\", "path", "glob", "'\\'"),
        ("a\nb", "data", "substring", "line break"),
        ("a" * (LONGEST + 1), "path", "substring", "1001 characters"),
    ],
)
def test_what_cannot_be_searched_for_is_said_in_words(text: str, where: Where, how: How, words: str) -> None:
    with pytest.raises(BadTopic) as refused:
        Query(text, where, how)
    assert refused.value.problem.code == "bad-query" and words in refused.value.problem.text


def test_where_the_match_is() -> None:
    (hit,) = Scan(build({"/a\u20ac/bc": b""}), Query("/b")).step(10)
    assert (hit.path, hit.start, hit.end, hit.text) == ("/a\u20ac/bc", 3, 5, "")
    long = b"first\n" + b"x" * 100 + "\u20acneedle\u20ac".encode() + b"y" * 300
    (hit,) = Scan(build({"/a": long}), Query("needle", "data")).step(9)
    assert hit.text[hit.start : hit.end] == "needle" and hit.text[hit.start - 1] == "\u20ac" and len(hit.text) < 160
    (hit,) = Scan(build({"/a": b"\xff\xfeneedle\xff"}), Query("needle", "data")).step(9)
    assert hit.text == "\ufffd\ufffdneedle\ufffd" and hit.start == 2
    (hit,) = Scan(build({"/a/b": b""}), Query("b*", "path", "glob")).step(9)
    assert hit.path[hit.start : hit.end] == "b"


# the topics


class Rest:
    def stamp(self, topic: Topic) -> int:
        return 7

    def value(self, topic: Topic, now: Ms) -> Message:
        return Search({})


class Bench:
    """Searches on a tree, with a clock by which each look at it takes a ms."""

    def __init__(self, tree: Tree) -> None:
        self.tree, self.begun = tree, 0
        ticks = itertools.count()
        self.searches = Searches(Rest(), tree, 1_024, lambda: next(ticks) / 1000, self.begin)

    def begin(self) -> None:
        self.begun += 1

    def value(self, q: str, **more: str | int) -> Search:
        value = self.searches.value(topic(q, **more), 0)
        assert isinstance(value, Search)
        return value

    def finish(self) -> None:
        for _ in range(10_000):
            if not self.searches.step():
                return
        raise AssertionError("the searches never end")

    def change(self, path: str, data: bytes | None) -> None:
        before = self.tree.get(path)
        differences = self.tree.apply({path: None if data is None else Znode(czxid=1, data=data)})
        for n, difference in enumerate(differences):
            kind = "deleted" if difference.new is None else "created" if before is None else "data"
            self.searches.on_changes([Change(n, 0, kind, difference.path)])  # type: ignore[arg-type]


def topic(q: str, **more: str | int) -> Topic:
    return parse(spell("search", q=q, **{key.removesuffix("_"): value for key, value in more.items()}))


def shown(value: Search) -> list[str]:
    return [hit.path for hit in value.hits.values()]


def wide(count: int = 500) -> Tree:
    return build({f"/a/n{n:04}": b"value %d" % n for n in range(count)})


def test_a_search_goes_on_bit_by_bit_until_all_was_looked_at() -> None:
    bench = Bench(wide())
    assert bench.value("n00") == Search({}, 0, 502) and bench.begun == 1
    stamps, values = [bench.searches.stamp(topic("n00"))], []
    while bench.searches.step():
        stamps.append(bench.searches.stamp(topic("n00")))
        values.append(bench.value("n00"))
    last = bench.value("n00")
    assert last.done and not last.more and last.searched == last.of == 502
    assert shown(last) == [f"/a/n00{n:02}" for n in range(100)]
    assert len(values) > 3 and 0 < len(values[1].hits) < 100 and not values[1].done
    assert stamps == sorted(set(stamps))
    assert bench.begun == 1


def test_no_more_hits_than_asked_for() -> None:
    bench = Bench(wide())
    bench.value("n", limit=3)
    bench.finish()
    value = bench.value("n", limit=3)
    assert value.done and value.more and len(value.hits) == 3 and value.searched < value.of == 502
    for limit in ("0", "1001", "x"):
        with pytest.raises(BadTopic):
            bench.value("n", limit=limit)


def test_data_are_searched_as_far_as_the_tree_keeps_them() -> None:
    bench = Bench(wide())
    bench.value("value 7", in_="data")
    bench.finish()
    value = bench.value("value 7", in_="data")
    assert value.preview == 1_024 and len(value.hits) == 11
    assert value.hits["0"].text == "value 7" and value.hits["0"].start == 0


def test_results_stay_live() -> None:
    bench = Bench(wide(20))
    bench.value("n000")
    bench.value("value 1", in_="data")
    bench.finish()
    bench.change("/a/n0003", None)
    bench.change("/n000", b"")
    bench.change("/a/other", b"value 1")
    value = bench.value("n000")
    assert shown(value) == ["/a/n0000", "/a/n0001", "/a/n0002", *(f"/a/n000{n}" for n in range(4, 10)), "/n000"]
    assert "3" not in value.hits and "10" in value.hits
    assert "/a/other" in shown(bench.value("value 1", in_="data"))
    stamp = bench.searches.stamp(topic("n000"))
    bench.change("/a/n0001", b"something else")
    assert bench.searches.stamp(topic("n000")) == stamp
    assert "/a/n0001" not in shown(bench.value("value 1", in_="data"))
    bench.change("/a/n0002", b"has value 1")
    assert bench.value("value 1", in_="data").hits[list(bench.value("value 1", in_="data").hits)[-1]].start == 4


@given(st.lists(st.tuples(PATHS, st.none() | DATA), max_size=12), st.integers(0, 12))
def test_what_changes_meanwhile_is_right_in_the_end(changes: list[tuple[str, bytes | None]], pace: int) -> None:
    bench = Bench(build({"/a/a": b"a", "/a/b": b"", "/b": b"ab"}))
    bench.value("a")
    bench.value("a", in_="data")
    for n, (path, data) in enumerate(changes):
        if path != "/":
            bench.change(path, data)
        if n == pace:
            bench.finish()
    bench.finish()
    assert set(shown(bench.value("a"))) == naive(bench.tree, "path", lambda line: "a" in line)
    assert set(shown(bench.value("a", in_="data"))) == naive(bench.tree, "data", lambda line: "a" in line)


def test_a_tree_that_was_read_anew_is_searched_anew() -> None:
    bench = Bench(wide(3))
    bench.value("n")
    bench.finish()
    other = build({"/n1": b"", "/x": b""}, 2)
    assert not bench.searches.due
    bench.tree.replace(Harvest(pack(Znode()), {"/": dict(other.children("/"))}), 2, 2)
    assert bench.searches.due
    bench.finish()
    assert shown(bench.value("n")) == ["/n1"]


def test_before_the_tree_is_read_a_search_waits() -> None:
    bench = Bench(Tree())
    assert bench.value("n") == Search({}) and not bench.searches.step()
    bench.tree.replace(Harvest(pack(Znode()), {"/": {"n": pack(Znode())}}), 1, 1)
    bench.finish()
    assert bench.value("n").done and shown(bench.value("n")) == ["/n"]


def test_one_that_nobody_looks_at_any_more_ends() -> None:
    bench = Bench(wide())
    bench.value("n")
    bench.searches.step()
    bench.searches.release(topic("n"))
    bench.searches.release(topic("n"))
    assert not bench.searches.step() and bench.searches.stamp(topic("n")) == 0


def test_a_refused_one_leaves_nothing_behind() -> None:
    bench = Bench(wide())
    with pytest.raises(BadTopic):
        bench.value("(", how="regex")
    bench.searches.release(topic("(", how="regex"))
    assert not bench.searches.step()


def test_only_some_run_and_only_some_more_are_kept() -> None:
    bench = Bench(wide())
    for n in range(OPEN):
        bench.value(f"n{n}")
    with pytest.raises(BadTopic) as refused:
        bench.value("one more")
    assert refused.value.problem.code == "too-many"
    for _ in range(60):
        bench.searches.step()
    values = [bench.value(f"n{n}") for n in range(OPEN)]
    assert 0 < sum(value.searched > 0 and not value.done for value in values) <= RUNNING
    bench.finish()
    assert all(bench.value(f"n{n}").done for n in range(OPEN))


def test_other_topics_are_passed_on() -> None:
    bench = Bench(wide())
    assert bench.searches.stamp(parse("status")) == 7 and bench.searches.value(parse("status"), 0) == Search({})


@pytest.mark.parametrize("key", ["search", "search?q=", "search?q=a&depth=1"])
def test_a_search_for_nothing_is_refused(key: str) -> None:
    with pytest.raises(BadTopic):
        parse(key)


def test_a_slice_is_short_whatever_is_searched_for() -> None:
    """On data that is as long as the tree keeps it, with an expression that is as slow as is allowed."""
    tree = build({f"/a/n{n:04}": b"xy" * 512 for n in range(4_000)})
    searches = Searches(Rest(), tree, 1_024, time.perf_counter, lambda: None)
    searches.value(topic("(x?y?){200}z", in_="data", how="regex"), 0)
    longest = 0.0
    for _ in range(40):
        began = time.thread_time()
        searches.step()
        longest = max(longest, time.thread_time() - began)
    assert longest < 0.1


def test_a_step_looks_at_fewer_znodes_where_data_are_long() -> None:
    """However much is kept of each (`--preview`), and however light those before them were."""
    tree = build({f"/a/{n:05}": b"" for n in range(5_000)} | {f"/b/{n:03}": b"x" * 65_536 for n in range(200)})
    scan, steps = Scan(tree, Query("y", "data")), list[int]()
    while not scan.done:
        before = scan.searched
        scan.step(2_048)
        steps.append(scan.searched - before)
    assert scan.searched == len(tree) and max(steps[:2]) >= 2_048 and 0 < max(steps[3:-1]) <= 8
