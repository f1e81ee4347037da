"""Groups, wherever they are: each framework's layout, and the traps of reading them."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkbridge.protocol.groups import Group
from zkbridge.protocol.znodes import Change
from zkbridge.tree import Tree
from zkbridge.views.groups import MOST_MEMBERS, GroupFinder
from zkbridge.znode import CONTAINER_OWNER, Znode, parent_of, sequence_of

HEX = "0123456789abcdef0123456789abcdef"
UUID = "c9c0fe03-1e4d-4f2b-9d3c-0a3b5f1d2e4f"


def build(*ephemerals: tuple[str, int, bytes], container: str = "", persistent: tuple[str, ...] = ()) -> Tree:
    tree = Tree()
    tree.apply({"/": Znode()})
    for path in persistent:
        grow(tree, path, Znode())
    for path, owner, data in ephemerals:
        grow(tree, path, Znode(owner=owner, data=data, data_length=len(data)))
    if container:
        tree.apply({container: Znode(owner=CONTAINER_OWNER)})
    return tree


def grow(tree: Tree, path: str, znode: Znode) -> None:
    if tree.get(parent_of(path)) is None:
        grow(tree, parent_of(path), Znode())
    tree.apply({path: znode})


def grown(tree: Tree, path: str, owner: int) -> Change:
    grow(tree, path, Znode(owner=owner))
    return Change(1, 0.0, "created", path)


def read(tree: Tree, path: str) -> Group:
    finder = GroupFinder(tree)
    finder.rescan()
    finder.refresh(0.0)
    group = finder.get(path)
    assert group is not None
    return group


SERVICE = json.dumps({"name": "web", "id": "a1", "address": "10.0.0.7", "port": 80}).encode()

LAYOUTS = [
    ("course election", "/election", ["c_0000000003", "c_0000000011"], b"", "election", "course", True, 0),
    ("course registry", "/service_registry", ["n_0000000001", "n_0000000002"], b"http://h:8081", "registry", "course",
     True, None),
    ("docs election", "/app/vote", [f"{UUID}-n_0000000001", "n_0000000002"], b"host-a", "election",
     "ZooKeeper election recipe", True, 0),
    ("docs lock", "/l", [f"{UUID}-lock-0000000001"], b"", "lock", "ZooKeeper lock recipe", True, 0),
    ("LeaderLatch", "/latch", [f"_c_{UUID}-latch-0000000009", f"_c_{UUID}-latch-0000000010"], b"id-1", "election",
     "Curator LeaderLatch", True, 0),
    ("mutex", "/jobs", [f"_c_{UUID}-lock-0000000000"], b"10.0.0.1", "lock",
     "Curator LeaderSelector or InterProcessMutex", False, 0),
    ("selector", "/jobs/leader", [f"_c_{UUID}-lock-0000000000"], b"10.0.0.1", "election",
     "Curator LeaderSelector or InterProcessMutex", False, 0),
    ("curator readers", "/rw", [f"_c_{UUID}-__READ__0000000001", f"_c_{UUID}-__WRIT__0000000002"], b"", "lock",
     "Curator read-write lock", True, None),
    ("kazoo lock", "/kz", [f"{HEX}__lock__0000000001", f"{HEX}__lock__0000000002"], b"me", "lock", "kazoo lock", False,
     0),
    ("kazoo readers", "/kz", [f"{HEX}__rlock__0000000001"], b"me", "lock", "kazoo lock", False, None),
    ("kazoo party", "/party", [f"{HEX}__party__"], b"me", "membership", "kazoo Party", True, None),
    ("kazoo shallow party", "/party", [f"{HEX}-me"], b"", "membership", "kazoo ShallowParty", True, None),
    ("kazoo semaphore", "/sem", [HEX], b"me", "lock", "kazoo Semaphore", True, None),
    ("service discovery", "/svc/web", ["a1", "a2"], SERVICE, "registry", "Curator ServiceDiscovery", True, None),
    ("plain members", "/live_nodes", ["a:8983", "b:8983"], b"", "membership", "members", True, None),
    ("mesos", "/mesos", ["json.info_0000000003"], b"{}", "election", "Mesos", True, 0),
    ("anything sequential", "/q", ["V_0000000003", "V_0000000004"], b"bookie", "election", "ephemeral sequential",
     False, 0),
]  # fmt: skip


@pytest.mark.parametrize("case", LAYOUTS, ids=[case[0] for case in LAYOUTS])
def test_each_layout_is_recognised(case: tuple[str, str, list[str], bytes, str, str, bool, int | None]) -> None:
    _, path, names, data, kind, layout, sure, first = case
    group = read(build(*((f"{path}/{name}", 1 + i, data) for i, name in enumerate(names))), path)
    assert (group.kind, group.layout, group.sure) == (kind, layout, sure)
    assert [member.path for member in group.members] == [f"{path}/{name}" for name in names]
    assert group.leader == ("" if first is None else f"{path}/{names[first]}")
    assert group.why


def test_one_ephemeral_sequential_anywhere_is_no_election() -> None:
    tree = build(("/app/job-0000000001", 7, b""), ("/leader/job-0000000001", 7, b""))
    finder = GroupFinder(tree)
    finder.rescan()
    finder.refresh(0.0)
    assert finder.get("/app") is None and finder.get("/leader") is not None
    finder.note([grown(tree, "/app/job-0000000002", 7)])
    finder.refresh(0.0)
    assert finder.get("/app") is None, "they are of one session, which does not compete with itself"
    finder.note([grown(tree, "/app/job-0000000003", 8)])
    finder.refresh(0.0)
    group = finder.get("/app")
    assert group is not None and (group.kind, group.leader) == ("election", "/app/job-0000000001")
    tree.apply({"/app/job-0000000001": None, "/app/job-0000000002": None})
    finder.rescan()
    finder.refresh(0.0)
    group = finder.get("/app")
    assert group is not None and group.leader == "/app/job-0000000003", "it was an election, and has one candidate left"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/selection", "lock"), ("/selector", "lock"), ("/electronics", "lock"), ("/mastercard", "lock"),
     ("/leaderboard", "lock"), ("/patches", "lock"), ("/elect", "election"), ("/app/master", "election"),
     ("/LeaderElection", "election"), ("/leaderElector", "election"), ("/masterelection", "election"),
     ("/overseer_elect", "election"), ("/my-leader-2", "election"), ("/LEADERS", "election"),
     ("/app/controller/locks", "election"), ("/leaderlatch", "election")],
)  # fmt: skip
def test_only_whole_words_speak_of_an_election(path: str, kind: str) -> None:
    assert read(build((f"{path}/_c_{UUID}-lock-0000000001", 7, b"")), path).kind == kind


def test_the_lock_inside_kazoos_semaphore_is_no_group() -> None:
    inner = f"/sem-__lock__/{HEX}__lock__0000000001"
    tree = build((f"/sem/{HEX}", 7, b"me"), (inner, 7, b"me"), (f"/my-__lock__/{HEX}__lock__0000000001", 7, b""))
    finder = GroupFinder(tree)
    finder.rescan()
    finder.refresh(0.0)
    assert {group.path for group in finder.all()} == {"/sem", "/my-__lock__"}
    tree.apply({inner: None})
    finder.note([Change(1, 0.0, "deleted", inner)])
    finder.refresh(0.0)
    assert finder.get("/sem-__lock__") is None


PERMANENT = b'{"name":"db","id":"%s","address":"10.0.0.9","port":5432,"serviceType":"PERMANENT"}'


def test_persistent_services_are_found_at_once_and_as_they_come_and_go() -> None:
    tree = build()
    grow(tree, "/base/db/one", Znode(data=PERMANENT % b"one"))
    finder = GroupFinder(tree)
    finder.rescan()
    finder.refresh(0.0)
    group = finder.get("/base/db")
    assert group is not None
    assert (group.kind, group.layout, group.leader) == ("registry", "Curator ServiceDiscovery", "")
    assert [(member.path, member.session, member.label) for member in group.members] == [
        ("/base/db/one", "", "10.0.0.9:5432")
    ]
    for kind, znode, members in (
        ("created", Znode(), ["one"]), ("data", Znode(data=PERMANENT % b"two"), ["one", "two"]),
        ("data", Znode(data=b"{}"), ["one"]), ("data", Znode(data=PERMANENT % b"two"), ["one", "two"]),
        ("deleted", None, ["one"]),
    ):  # fmt: skip
        tree.apply({"/base/db/two": znode})
        finder.note([Change(1, 0.0, kind, "/base/db/two")])  # type: ignore[arg-type]
        finder.refresh(0.0)
        group = finder.get("/base/db")
        assert group is not None
        assert [member.path.rpartition("/")[2] for member in group.members] == members


def test_ephemeral_and_persistent_services_are_one_registry() -> None:
    tree = build(("/base/db/two", 7, PERMANENT % b"two"))
    grow(tree, "/base/db/one", Znode(data=PERMANENT % b"one"))
    group = read(tree, "/base/db")
    assert [(member.path, member.session) for member in group.members] == [
        ("/base/db/one", ""), ("/base/db/two", "0x7")
    ]  # fmt: skip


def test_other_persistent_json_is_no_service() -> None:
    tree = build()
    for number, data in enumerate((b"{}", b'{"id":1,"name":2}', b'"address" "id" "name"', b'{"address":"id":"name":')):
        grow(tree, f"/config/{number}", Znode(data=data))
    finder = GroupFinder(tree)
    finder.rescan()
    finder.refresh(0.0)
    assert not list(finder.all())


def test_a_container_parent_makes_members_curators() -> None:
    group = read(build(("/m/a", 1, b""), ("/m/b", 2, b""), container="/m"), "/m")
    assert group.layout == "Curator GroupMember"


@given(st.lists(st.integers(-(2**31), 2**31 - 1), unique=True, min_size=1, max_size=12), st.randoms())
def test_the_lowest_number_leads_however_names_sort(numbers: list[int], shuffle: random.Random) -> None:
    paths = [(f"/e/_c_{UUID[:-2]}{shuffle.randrange(10, 99)}-latch-{number:010d}", number) for number in numbers]
    shuffle.shuffle(paths)
    group = read(build(*((path, 1 + i, b"") for i, (path, _) in enumerate(paths))), "/e")
    by_number = [path for path, _ in sorted(paths, key=lambda item: item[1])]
    if all(number > -(10**9) for number in numbers):
        assert [member.path for member in group.members] == by_number
        assert group.leader == by_number[0]


@given(st.integers(-(2**31), 2**31 - 1))
def test_a_number_is_read_back_as_zookeeper_writes_it(number: int) -> None:
    assert sequence_of(f"c_{number:010d}") == number
    if number >= 0:
        assert sequence_of(f"lock-{number:010d}") == number


def test_names_without_a_sequence_have_no_number() -> None:
    assert [sequence_of(name) for name in ("host-123456789", "c_", "123456789", "")] == [None] * 4


def test_an_explicit_leader_znode_beats_the_order() -> None:
    tree = build(
        ("/overseer_elect/election/7-a-n_0000000001", 7, b""), ("/overseer_elect/election/8-b-n_0000000002", 8, b""),
        ("/overseer_elect/leader", 8, b"{}"),
    )  # fmt: skip
    group = read(tree, "/overseer_elect/election")
    assert group.leader == "/overseer_elect/election/8-b-n_0000000002"
    assert "/overseer_elect/leader says who leads" in group.why


def test_a_leader_znode_alone_is_an_election() -> None:
    group = read(build(("/app/master", 7, b"host")), "/app")
    assert (group.kind, group.layout, group.leader) == ("election", "leader znode", "/app/master")


def test_liveness_is_the_owner_not_the_number() -> None:
    tree = build(("/e/c_0000000002", 7, b""), persistent=("/e/c_0000000001",))
    assert read(tree, "/e").leader == "/e/c_0000000002"


def test_a_stray_ephemeral_is_no_candidate() -> None:
    tree = build(("/e/c_0000000001", 1, b""), ("/e/c_0000000002", 2, b""), ("/e/hello", 3, b""))
    assert [member.number for member in read(tree, "/e").members] == [1, 2]


def test_an_election_is_remembered_while_its_parent_exists() -> None:
    tree = build(("/e/c_0000000001", 1, b""))
    finder = GroupFinder(tree)
    finder.rescan()
    finder.refresh(0.0)
    for path, still in (("/e/c_0000000001", True), ("/e", False)):
        tree.apply({path: None})
        finder.note([Change(1, 0.0, "deleted", path)])
        finder.refresh(0.0)
        assert (finder.get("/e") is not None) is still
        if still:
            assert finder.get("/e") == Group(
                "/e", "election", "course", [], why="Names are 'c_' and a number: the lowest leads."
            )


def change(tree: Tree, finder: GroupFinder, path: str, owner: int | None, now: float) -> None:
    """Create an ephemeral, or delete a znode (``owner`` None)."""
    tree.apply({path: None if owner is None else Znode(owner=owner)})
    finder.note([Change(1, now, "deleted" if owner is None else "created", path)])
    finder.refresh(now)


def test_a_lone_scratch_ephemeral_makes_no_group() -> None:
    tree = build(("/lab/eph", 1, b"x"))
    finder = GroupFinder(tree)
    finder.rescan()
    finder.refresh(0.0)
    assert finder.get("/lab") is None
    change(tree, finder, "/lab/eph-of-the-same-session", 1, 1.0)
    assert finder.get("/lab") is None
    change(tree, finder, "/lab/another", 2, 2.0)
    group = finder.get("/lab")
    assert group is not None
    assert (group.kind, len(group.members)) == ("membership", 3)
    change(tree, finder, "/lab/another", None, 3.0)
    assert finder.get("/lab") is not None, "what has been a group remains one"


@pytest.mark.parametrize("parent", ["/app/members", "/workers", "/kafka/brokers/ids", "/solr/live_nodes"])
def test_one_member_at_a_well_known_parent_is_a_group(parent: str) -> None:
    assert read(build((f"{parent}/1", 7, b"")), parent).kind == "membership"


def test_a_stray_ephemeral_does_not_turn_an_empty_election_into_a_membership() -> None:
    tree = build(("/e/c_0000000001", 1, b""))
    finder = GroupFinder(tree)
    finder.rescan()
    finder.refresh(0.0)
    change(tree, finder, "/e/c_0000000001", None, 1.0)
    change(tree, finder, "/e/scratch", 3, 2.0)
    group = finder.get("/e")
    assert group is not None
    assert (group.kind, group.members) == ("election", [])


def test_a_group_without_a_known_layout_is_forgotten_a_minute_after_its_last_member() -> None:
    tree = build(("/lab/a", 1, b""), ("/lab/b", 2, b""), ("/workers/1", 1, b""))
    finder = GroupFinder(tree)
    finder.rescan()
    finder.refresh(0.0)
    for path in ("/lab/a", "/lab/b", "/workers/1"):
        change(tree, finder, path, None, 1_000.0)
    assert not finder.refresh(60_999.0)
    before = finder.get("/lab")
    assert before is not None
    assert finder.refresh(61_000.0) == {"/lab": (before, None)}
    assert {group.path for group in finder.all()} == {"/workers"}


def test_a_member_that_comes_in_time_keeps_the_group() -> None:
    tree = build(("/lab/a", 1, b""), ("/lab/b", 2, b""))
    finder = GroupFinder(tree)
    finder.rescan()
    finder.refresh(0.0)
    change(tree, finder, "/lab/a", None, 1_000.0)
    change(tree, finder, "/lab/b", None, 1_000.0)
    change(tree, finder, "/lab/c", 3, 30_000.0)
    finder.refresh(100_000.0)
    assert finder.get("/lab") is not None


def test_a_group_goes_with_its_parent() -> None:
    tree = build(("/lab/a", 1, b""), ("/lab/b", 2, b""))
    finder = GroupFinder(tree)
    finder.rescan()
    finder.refresh(0.0)
    for path in ("/lab/a", "/lab/b", "/lab"):
        change(tree, finder, path, None, 1.0)
    assert finder.get("/lab") is None


def test_zookeepers_own_znodes_are_no_group() -> None:
    finder = GroupFinder(build(("/zookeeper/x/a", 1, b"")))
    finder.rescan()
    finder.refresh(0.0)
    assert not list(finder.all())


def test_labels_are_readable_or_empty() -> None:
    tree = build(("/m/a", 1, b"\xff\xfe"), ("/m/b", 2, b"x" * 500), ("/m/c", 3, b"a\nb"), ("/m/d", 4, b" ok "))
    assert [member.label for member in read(tree, "/m").members] == ["", "x" * 200, "", "ok"]


def test_a_crowd_is_cut_and_said_to_be() -> None:
    tree = build(*((f"/m/x{i:05d}", 1 + i, b"") for i in range(MOST_MEMBERS + 5)))
    group = read(tree, "/m")
    assert len(group.members) == MOST_MEMBERS
    assert "The first 1,000 of 1,005 members are listed." in group.why


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 3)), max_size=30))
def test_following_changes_gives_what_reading_anew_gives(steps: list[tuple[bool, int, int]]) -> None:
    tree = build(persistent=("/e", "/members"))
    followed = GroupFinder(tree)
    followed.rescan()
    followed.refresh(0.0)
    for create, number, where in steps:
        lock = f"/members/{HEX}__lock__{number:010d}"
        path = [f"/e/c_{number:010d}", f"/members/a{number}", "/e/leader", lock][where]
        if create == (tree.get(path) is None):
            tree.apply({path: Znode(owner=number + 1) if create else None})
            followed.note([Change(1, 0.0, "created" if create else "deleted", path)])
            followed.refresh(0.0)
    anew = GroupFinder(tree)
    anew.rescan()
    anew.refresh(0.0)
    known = {group.path: group for group in followed.all() if group.members}
    assert known == {group.path: group for group in anew.all() if group.members}
