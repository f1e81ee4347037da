"""Verdicts: each case by name, and against a model of ZooKeeper in which others act before, meanwhile and after.

'not-applied' is never said of what took effect, and 'applied' never of what did not, unless somebody else did the same.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkbridge.editing.verdicts import Evidence, candidates, judge
from zkbridge.editing.words import Change
from zkbridge.facts import hexadecimal
from zkbridge.protocol.editing import OPEN, Ace, Create, Delete, Mark, SetAcl, SetData
from zkbridge.stats import told
from zkbridge.znode import Znode, parent_of

OURS, THEIRS = 0x10, 0x20
"""Sessions."""

READERS = [Ace("world", "anyone", "r")]


class Ensemble:
    """One parent, /p, and what is in it, by ZooKeeper's rules."""

    def __init__(self) -> None:
        self.zxid = 1
        self.znodes: dict[str, Znode] = {"/": Znode(created := 0, created), "/p": Znode(1, 1)}
        self.acls: dict[str, list[Ace]] = {}
        self.made = {"/": 1, "/p": 0}

    def stat(self, path: str) -> Znode | None:
        znode = self.znodes.get(path)
        if znode is None:
            return None
        children = sum(parent_of(other) == path and other != "/" for other in self.znodes)
        return msgspec.structs.replace(
            znode, num_children=children, cversion=2 * self.made.get(path, 0) - children, data_length=len(znode.data)
        )

    def do(self, change: Change, session: int = THEIRS) -> bool:
        """Apply it if the rules allow; False for an error."""
        if isinstance(change, Create):
            return self._create(change, session)
        znode = self.stat(change.path)
        if znode is None:
            return False
        seen = change.aversion if isinstance(change, SetAcl) else change.version
        has = znode.aversion if isinstance(change, SetAcl) else znode.version
        if seen not in (-1, has) or isinstance(change, Delete) and znode.num_children:
            return False
        self.zxid += 1
        if isinstance(change, Delete):
            del self.znodes[change.path]
            self.made.pop(change.path, None)
        elif isinstance(change, SetData):
            self.znodes[change.path] = msgspec.structs.replace(
                znode, mzxid=self.zxid, version=znode.version + 1, data=change.data
            )
        else:
            self.znodes[change.path] = msgspec.structs.replace(znode, aversion=znode.aversion + 1)
            self.acls[change.path] = change.acl
        return True

    def _create(self, change: Create, session: int) -> bool:
        parent = parent_of(change.path)
        path = change.path + (f"{self.made.get(parent, 0):010d}" if change.sequential else "")
        if parent not in self.znodes or path in self.znodes:
            return False
        self.zxid += 1
        owner = session if change.kind == "ephemeral" else 0
        self.znodes[path] = Znode(self.zxid, self.zxid, owner=owner, data=change.data)
        self.acls[path] = change.acl or list(OPEN)
        self.made[parent] += 1
        self.made[path] = 0
        return True

    def mark(self, change: Change) -> Mark:
        sequential = isinstance(change, Create) and change.sequential
        own = None if sequential else self.stat(change.path)
        above = parent_of(change.path)
        if above not in self.znodes:
            above = "/"
        parent = self.stat(above)
        assert parent is not None
        return Mark(
            hexadecimal(self.zxid), hexadecimal(OURS), 6_000, 0.0, told(own) if own else None, above, told(parent)
        )

    def evidence(self, change: Change, mark: Mark) -> Evidence:
        parent, above = self.stat(parent_of(change.path)), self.stat(mark.above)
        if isinstance(change, Create) and change.sequential:
            paths = candidates(change, mark, parent) or []
            return Evidence(parent=parent, above=above, numbered={path: self.stat(path) for path in paths})
        return Evidence(self.stat(change.path), self.acls.get(change.path), parent, above)


X = "/p/x"
data = st.sampled_from([b"", b"a", b"b"])
versions = st.integers(-1, 3)
kinds = st.sampled_from(["persistent", "ephemeral", "container"])
acls = st.sampled_from([READERS, [Ace("world", "anyone", "cdrwa")], [Ace("auth", "", "r")]])


def changes(paths: tuple[str, ...] = (X,)) -> st.SearchStrategy[Change]:
    path = st.sampled_from(paths)
    return st.one_of(
        st.builds(Create, path, data, kinds),
        st.builds(Create, st.just("/p/s"), data, st.sampled_from(["persistent", "ephemeral"]), st.just(True)),
        st.builds(SetData, path, data, versions),
        st.builds(Delete, path, versions),
        st.builds(SetAcl, path, acls, versions),
    )


others = st.lists(changes(("/p", X, "/p/y", "/p/s0000000001")), max_size=5)


def same(ours: Change, theirs: Change) -> bool:
    """Whether what they do may look as if we had done it."""
    if isinstance(ours, Create | SetData):
        return type(ours) is type(theirs) and theirs.data == ours.data  # type: ignore[union-attr]
    return type(ours) is type(theirs)


@given(changes(), others, others, st.booleans(), others)
def test_no_verdict_is_wrong(
    ours: Change, before: list[Change], meanwhile: list[Change], delivered: bool, after: list[Change]
) -> None:
    ensemble = Ensemble()
    for theirs in before:
        ensemble.do(theirs)
    mark = ensemble.mark(ours)
    for theirs in meanwhile:
        ensemble.do(theirs)
    applied = delivered and ensemble.do(ours, OURS)
    for theirs in after:
        ensemble.do(theirs)
    verdict = judge(ours, mark, ensemble.evidence(ours, mark))
    if verdict.verdict == "not-applied":
        assert not applied, verdict
    elif verdict.verdict == "applied" and not any(same(ours, theirs) for theirs in (*meanwhile, *after)):
        assert applied, verdict
    assert verdict.words.endswith(".")


@given(changes(), others, st.booleans())
def test_where_nobody_else_does_anything_it_is_always_told(ours: Change, before: list[Change], delivered: bool) -> None:
    """But for what cannot be compared, and an ephemeral's end."""
    ensemble = Ensemble()
    for theirs in before:
        ensemble.do(theirs)
    mark = ensemble.mark(ours)
    had = ensemble.stat(ours.path)
    applied = delivered and ensemble.do(ours, OURS)
    verdict = judge(ours, mark, ensemble.evidence(ours, mark))
    incomparable = isinstance(ours, SetAcl) and any(ace.scheme == "auth" for ace in ours.acl)
    if applied and (incomparable or isinstance(ours, Delete) and had is not None and had.owner):
        assert verdict.verdict == "cannot-tell"
    else:
        assert verdict.verdict == ("applied" if applied else "not-applied"), verdict


def story(ours: Change, *steps: Any, before: tuple[Change, ...] = ()) -> str:
    """The verdict after ``steps``, of which 'ours' is the lost change."""
    ensemble = Ensemble()
    for step in before:
        assert ensemble.do(step)
    mark = ensemble.mark(ours)
    for step in steps:
        assert ensemble.do(ours, OURS) if step == "ours" else ensemble.do(step)
    return judge(ours, mark, ensemble.evidence(ours, mark)).verdict


MADE = Create(X, b"a")
SET = SetData(X, b"b", 0)
NUMBERED = Create("/p/s", b"a", "ephemeral", True)


@pytest.mark.parametrize(
    ("ours", "before", "steps", "verdict"),
    [
        (SET, (MADE,), ("ours",), "applied"),
        (SET, (MADE,), (), "not-applied"),
        (SET, (MADE,), (SetData(X, b"c", 0),), "not-applied"),
        (SET, (MADE,), ("ours", SetData(X, b"c", -1)), "cannot-tell"),
        (SET, (MADE,), ("ours", Delete(X, -1)), "cannot-tell"),
        (SET, (MADE,), (Delete(X, -1), MADE), "cannot-tell"),
        (SET, (MADE, SetData(X, b"b", 0)), (), "not-applied"),
        (SET, (), (), "not-applied"),
        (SetData(X, b"b", -1), (MADE,), ("ours",), "applied"),
        (SetData(X, b"b", -1), (MADE,), (SetData(X, b"c", -1), "ours"), "cannot-tell"),
        (Delete(X, 0), (MADE,), ("ours",), "applied"),
        (Delete(X, 0), (MADE,), (), "not-applied"),
        (Delete(X, 0), (MADE,), ("ours", MADE), "applied"),
        (Delete(X, 0), (MADE, SetData(X, b"c", 0)), (Delete(X, -1),), "not-applied"),
        (Delete(X, 0), (Create(X, b"", "ephemeral"),), ("ours",), "cannot-tell"),
        (Delete(X, 0), (), (), "not-applied"),
        (Delete(X, 0), (MADE, SetData(X, b"c", 0)), (Delete(X, -1), MADE, "ours"), "cannot-tell"),
        (SetData(X, b"b", 2), (MADE,), (SetData(X, b"c", 0), SetData(X, b"b", 1)), "not-applied"),
        (MADE, (Delete("/p", -1),), (Create("/p"), "ours", Delete(X, 0), Delete("/p", -1)), "cannot-tell"),
        (MADE, (), ("ours",), "applied"),
        (MADE, (), (), "not-applied"),
        (MADE, (MADE,), (), "not-applied"),
        (MADE, (), (Create(X, b"c"),), "not-applied"),
        (MADE, (), (Create(X, b"a", "ephemeral"),), "not-applied"),
        (MADE, (), ("ours", SetData(X, b"c", 0)), "cannot-tell"),
        (MADE, (), ("ours", Delete(X, 0)), "cannot-tell"),
        (MADE, (), (Create("/p/y"),), "cannot-tell"),
        (Create(X, b"a", "ephemeral"), (), (Create(X, b"a", "ephemeral"),), "not-applied"),
        (Create(X, b"a", "ephemeral"), (), ("ours",), "applied"),
        (NUMBERED, (), ("ours",), "applied"),
        (NUMBERED, (), (), "not-applied"),
        (NUMBERED, (), (NUMBERED, "ours", NUMBERED), "applied"),
        (NUMBERED, (), (NUMBERED,), "not-applied"),
        (NUMBERED, (), (Create("/p/y"),), "cannot-tell"),
        (Create("/p/s", b"a", "persistent", True), (), ("ours", Create("/p/s", b"a", "persistent", True)),
         "cannot-tell"),
        (Create("/p/s", b"a", "persistent", True), (), ("ours", Create("/p/s", b"b", "persistent", True)), "applied"),
        (NUMBERED, (Delete("/p", -1),), (), "not-applied"),
        (MADE, (Delete("/p", -1),), (), "not-applied"),
        (MADE, (Delete("/p", -1),), (Create("/p"), "ours"), "applied"),
        (SetAcl(X, READERS, 0), (MADE,), ("ours",), "applied"),
        (SetAcl(X, READERS, 0), (MADE,), (), "not-applied"),
        (SetAcl(X, READERS, 0), (MADE,), (SetAcl(X, [*OPEN], 0),), "not-applied"),
        (SetAcl(X, READERS, 0), (MADE,), ("ours", SetAcl(X, [*OPEN], 1)), "cannot-tell"),
        (SetAcl(X, READERS, -1), (MADE, SetAcl(X, READERS, 0)), ("ours",), "applied"),
        (SetAcl(X, [Ace("auth", "", "r")], 0), (MADE,), ("ours",), "cannot-tell"),
    ],
)  # fmt: skip
def test_each_case(ours: Change, before: tuple[Change, ...], steps: tuple[Any, ...], verdict: str) -> None:
    assert story(ours, *steps, before=before) == verdict


def test_what_may_not_be_read_is_not_compared() -> None:
    ensemble = Ensemble()
    ensemble.do(MADE)
    mark = ensemble.mark(SET)
    ensemble.do(SET)
    now = ensemble.evidence(SET, mark)
    assert now.znode is not None
    locked = msgspec.structs.replace(now, znode=msgspec.structs.replace(now.znode, locked=True, data=b""))
    assert judge(SET, mark, locked).verdict == "cannot-tell"
    acl = SetAcl(X, READERS, 0)
    mark = ensemble.mark(acl)
    ensemble.do(acl)
    unseen = msgspec.structs.replace(ensemble.evidence(acl, mark), acl=None)
    assert judge(acl, mark, unseen).verdict == "cannot-tell"


def test_too_many_to_look_through() -> None:
    ensemble = Ensemble()
    mark = ensemble.mark(NUMBERED)
    for _ in range(201):
        ensemble.do(NUMBERED)
    assert candidates(NUMBERED, mark, ensemble.stat("/p")) is None
    assert judge(NUMBERED, mark, ensemble.evidence(NUMBERED, mark)).verdict == "cannot-tell"
