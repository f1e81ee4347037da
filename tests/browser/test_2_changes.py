"""Changing znodes: as an operator by hand and by keyboard; none of it is there for a viewer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from kazoo.security import make_acl
from playwright.sync_api import Locator, StorageState, expect

from tests.benchmarks.forest import fell, plant
from tests.browser.conftest import Opener
from tests.browser.demo import Demo
from tests.browser.page import Page, znode_url
from tests.integration.ensemble import SCALE

HOSTILE = ["<img src=x onerror=alert(1)>'\"{{7*7}}<script>alert(1)<\u2215script>a\u202egpj.exe", "x" * 200]
TOP = "/changes"


@pytest.fixture(scope="module", autouse=True)
def top(demo: Demo) -> Iterator[None]:
    with demo.zookeeper() as client:
        client.ensure_path(TOP)
        yield
        fell(client, TOP)


def sheet(page: Page) -> Locator:
    return page.find("dialog[open]")


def menu(page: Page, item: str) -> None:
    """Choose from the menu of what is inspected."""
    page.button("Actions", exact=True).click()
    page.tab.get_by_role("menuitem", name=re.compile(f"^\\s*{re.escape(item)}")).click()


def test_a_znode_is_created_and_deleted_by_keyboard(operator: Page, demo: Demo) -> None:
    operator.open(znode_url(TOP))
    tab = operator.tab
    expect(operator.button("Create child")).to_be_visible()
    tab.keyboard.press("n")
    tab.keyboard.type("c_")
    sheet(operator).get_by_label("sequential", exact=False).check()
    expect(sheet(operator)).to_contain_text("Probably c_0000000000.")
    sheet(operator).get_by_label("Data", exact=True).fill('{"made": "by hand"}')
    sheet(operator).get_by_label("Name", exact=True).press("Enter")
    expect(operator.find(".insp .zn-name")).to_contain_text("c_0000000000")
    expect(operator.find(".insp .code")).to_contain_text("by hand")  # before its value came it is not known to be there
    expect(sheet(operator)).to_have_count(0)
    with demo.zookeeper() as client:
        assert client.get(f"{TOP}/c_0000000000")[0] == b'{"made": "by hand"}'
        tab.keyboard.press("Delete")
        expect(sheet(operator)).to_contain_text("version 0")
        client.set(f"{TOP}/c_0000000000", b"newer")
        expect(sheet(operator)).to_contain_text("you saw version 0, and now it is version 1")
        expect(sheet(operator).get_by_role("button", name="Cancel")).to_be_focused()  # not one Enter too many
        tab.keyboard.press("Tab")
        tab.keyboard.press("Enter")
        expect(operator.find(".zn-gone")).to_contain_text("Deleted")
        assert not client.exists(f"{TOP}/c_0000000000")


def test_another_znode_of_the_same_name_is_not_deleted_unseen(operator: Page, demo: Demo) -> None:
    with demo.zookeeper() as client:
        client.create(f"{TOP}/twice", b"seen")
        operator.open(znode_url(f"{TOP}/twice"))
        expect(operator.find(".deed-bar")).to_be_visible()  # until it is known what one may do, no key does anything
        operator.tab.keyboard.press("Delete")
        expect(sheet(operator)).to_contain_text("version 0")
        transaction = client.transaction()
        transaction.delete(f"{TOP}/twice")
        transaction.create(f"{TOP}/twice", b"another")
        transaction.commit()
        expect(sheet(operator)).to_contain_text("another one was created in its place")
        sheet(operator).locator("form").evaluate("form => form.requestSubmit()")
        expect(sheet(operator).get_by_role("button", name="Delete")).to_be_disabled()
        assert client.get(f"{TOP}/twice")[0] == b"another"
        sheet(operator).get_by_role("button", name="I mean the new one").click()
        sheet(operator).get_by_role("button", name="Delete").click()
        expect(sheet(operator)).to_have_count(0)
        assert not client.exists(f"{TOP}/twice")


def test_a_refusal_keeps_what_was_typed(operator: Page, demo: Demo) -> None:
    operator.expected = {"403"}
    with demo.zookeeper() as client:
        client.create(f"{TOP}/shut")
        client.set_acls(f"{TOP}/shut", [make_acl("world", "anyone", read=True)])
    operator.open(znode_url(f"{TOP}/shut"))
    operator.button("Create child").click()
    sheet(operator).get_by_label("Name", exact=True).fill("inside")
    sheet(operator).get_by_label("Data", exact=True).fill("kept")
    sheet(operator).get_by_role("button", name="Create").click()
    expect(sheet(operator).get_by_role("alert")).to_contain_text("ACL")
    expect(sheet(operator).get_by_label("Data", exact=True)).to_have_value("kept")


def test_an_acl_is_shown_in_words_and_changed(operator: Page, demo: Demo) -> None:
    with demo.zookeeper() as client:
        client.create(f"{TOP}/acl")
        operator.open(znode_url(f"{TOP}/acl"))
        operator.tab.get_by_role("tab", name="ACL").click()
        expect(operator.find(".acl")).to_contain_text("Anyone may do anything.")
        menu(operator, "Change ACL")
        form = sheet(operator)
        form.get_by_role("button", name="Add an entry").click()
        form.get_by_label("User of entry 2").fill("bob")
        form.get_by_label("Password of entry 2").fill("secret")
        form.get_by_role("button", name="Change it").click()
        expect(operator.find(".acl")).to_contain_text("User bob may read its data and list its children.")
        expect(operator.find(".acl")).to_contain_text("digest:bob:•••")
        acl, _ = client.get_acls(f"{TOP}/acl")
        assert [(one.id.scheme, one.id.id.partition(":")[0], one.perms) for one in acl] == [
            ("world", "anyone", 31), ("digest", "bob", 1),
        ]  # fmt: skip


def test_several_are_picked_and_deleted(operator: Page, demo: Demo) -> None:
    with demo.zookeeper() as client:
        for name in "abc":
            client.create(f"{TOP}/0-{name}")  # before all that others have deleted, whose rows go meanwhile
        operator.open(znode_url(TOP))
        operator.row(TOP).locator("[data-twist]").click()
        operator.row("0-a").click()
        operator.row("0-b").click(modifiers=["Control"])  # what is merely shown is not picked along
        expect(operator.find(".bulk")).to_contain_text("1 picked")
        operator.row("0-a").click()
        operator.row("0-c").click(modifiers=["Shift"])
        expect(operator.find(".bulk")).to_contain_text("3 picked")
        operator.row("0-b").click(modifiers=["Control"])
        operator.row("0-a").click(button="right")
        expect(operator.find(".menu .menu-title")).to_have_text("2 znodes")
        operator.tab.keyboard.press("Escape")
        expect(operator.tab.get_by_role("tree")).to_be_focused()
        operator.tab.keyboard.press("Delete")
        sheet(operator).get_by_role("button", name="Delete 2 znodes").click()
        expect(sheet(operator)).to_contain_text("2 of 2 done.")
        assert [name for name in client.get_children(TOP) if name.startswith("0-")] == ["0-b"]


def test_picked_subtrees_are_counted_and_no_more_than_that_goes(operator: Page, demo: Demo) -> None:
    with demo.zookeeper() as client:
        for top, many in (("1-a", 30), ("1-b", 20), ("1-c", 0)):
            client.ensure_path(f"{TOP}/{top}")
            for number in range(many):
                client.create(f"{TOP}/{top}/{number}", b"x" * 10)
        client.create(f"{TOP}/1-a/held", ephemeral=True)
        operator.open(znode_url(TOP))
        operator.row(TOP).locator("[data-twist]").click()
        for top in ("1-a", "1-b", "1-c"):
            operator.row(top).click(modifiers=["Control"])
        operator.find(".bulk").get_by_role("button", name="Delete").click()
        expect(sheet(operator)).to_contain_text("54 znodes with 500 B of data")
        expect(sheet(operator)).to_contain_text("1 is ephemeral, held by other sessions")
        gone = sheet(operator).get_by_role("button", name="Delete 54 znodes")
        expect(gone).to_be_disabled()
        sheet(operator).get_by_label("To be sure").fill("delete 54")
        client.create(f"{TOP}/1-b/late")  # after it was agreed to: the count no longer moves, and the cap holds
        gone.click()
        expect(sheet(operator)).to_contain_text("2 of 3 done; 1 not done.")
        names = set(client.get_children(TOP))
        assert "1-b" in names and not {"1-a", "1-c"} & names


def test_what_was_typed_is_not_thrown_away_by_one_escape(operator: Page, demo: Demo) -> None:
    operator.open(znode_url(TOP))
    tab = operator.tab
    operator.button("Create child").click()
    sheet(operator).get_by_label("Data", exact=True).fill("much work")
    tab.keyboard.press("Escape")
    expect(sheet(operator).get_by_role("alert")).to_contain_text("what you typed is lost")
    expect(sheet(operator).get_by_role("alert")).to_be_in_viewport()
    tab.keyboard.type("!")
    expect(sheet(operator).get_by_role("alert")).to_have_count(0)
    tab.keyboard.press("Escape")
    expect(sheet(operator).get_by_label("Data", exact=True)).to_have_value("much work!")
    tab.keyboard.press("Escape")
    expect(sheet(operator)).to_have_count(0)


def test_a_subtree_is_deleted_with_its_path_typed_in(operator: Page, demo: Demo) -> None:
    with demo.zookeeper() as client:
        for number in range(40):
            client.create(f"{TOP}/deep/{number}", b"x" * 10, makepath=True)
        operator.open(znode_url(f"{TOP}/deep"))
        menu(operator, "Delete with all below")
        expect(sheet(operator)).to_contain_text("41 znodes with 400 B of data")
        gone = sheet(operator).get_by_role("button", name="Delete 41 znodes")
        expect(gone).to_be_disabled()
        sheet(operator).get_by_label("The path, to be sure").fill(f"{TOP}/deep")
        gone.click()
        expect(sheet(operator)).to_contain_text("Removed 41 znodes: all there were.")
        assert not client.exists(f"{TOP}/deep")
    operator.tab.keyboard.press("Escape")
    operator.open("/tree")
    operator.find(".tray-button").click()
    expect(operator.find(".tray")).to_contain_text(f"Delete {TOP}/deep")


def test_a_subtree_is_exported_imported_elsewhere_and_moved(operator: Page, demo: Demo, tmp_path: Path) -> None:
    with demo.zookeeper() as client:
        client.create(f"{TOP}/from/a", b"\x00\xff", makepath=True)
        client.create(f"{TOP}/from/b", b"text")
        operator.open(znode_url(f"{TOP}/from"))
        menu(operator, "Export")
        with operator.tab.expect_download() as downloading:
            sheet(operator).get_by_role("link", name="Download").click()
        file = tmp_path / "export.ndjson"
        downloading.value.save_as(file)
        operator.tab.keyboard.press("Escape")
        client.create(f"{TOP}/into")
        operator.open(znode_url(f"{TOP}/into"))
        menu(operator, "Import here")
        sheet(operator).get_by_label("The export to import").set_input_files(file)
        sheet(operator).get_by_role("button", name="Dry run").click()
        expect(sheet(operator)).to_contain_text("2 to create")
        assert client.get_children(f"{TOP}/into") == []
        sheet(operator).get_by_role("button", name="Create 2 znodes").click()
        expect(sheet(operator)).to_contain_text("Imported 2 of 2 znodes")
        assert client.get(f"{TOP}/into/a")[0] == b"\x00\xff"
        operator.tab.keyboard.press("Escape")
        operator.tab.keyboard.press("F2")
        sheet(operator).get_by_label("New name").fill("onto")
        sheet(operator).get_by_label("The old path, to be sure").fill(f"{TOP}/into")
        sheet(operator).get_by_role("button", name="Rename").click()
        expect(sheet(operator)).to_contain_text("Moved 3 znodes")
        expect(sheet(operator).get_by_role("heading")).to_contain_text("Rename")
        expect(operator.find(".insp .zn-name")).to_contain_text("onto")
        assert sorted(client.get_children(f"{TOP}/onto")) == ["a", "b"]
        assert not client.exists(f"{TOP}/into")


def test_a_subtree_is_copied_to_the_end(operator: Page, demo: Demo) -> None:
    with demo.zookeeper() as client:
        for number in range(30):
            client.create(f"{TOP}/whole/{number}", b"\x00%d" % number, makepath=True)
        operator.open(znode_url(f"{TOP}/whole"))
        menu(operator, "Copy to")
        sheet(operator).get_by_label("To", exact=True).fill(f"{TOP}/copied")
        sheet(operator).get_by_role("button", name="Copy").click()
        expect(sheet(operator)).to_contain_text(f"Copied 31 of 31 znodes to {TOP}/copied.")
        expect(sheet(operator).locator(".report")).to_contain_text("31 created")
        assert {client.get(f"{TOP}/copied/{name}")[0] for name in client.get_children(f"{TOP}/copied")} == {
            b"\x00%d" % number for number in range(30)
        }
        sheet(operator).get_by_role("button", name="Show it").click()
        expect(operator.find(".insp .zn-name")).to_contain_text("copied")


def test_a_work_is_stopped_and_says_how_far_it_came(operator: Page, demo: Demo) -> None:
    count = 30_000
    with demo.zookeeper() as client:
        plant(client, ((f"{TOP}/lots{below}", b"") for below in ("", *(f"/{number:05}" for number in range(count)))))
        operator.open(znode_url(f"{TOP}/lots"))
        # A bridge that is seconds behind, as on a machine with much else to do, refuses to count.
        expect(operator.find(".insp .zn")).to_contain_text("30,000 children", timeout=20_000 * SCALE)
        menu(operator, "Delete with all below")
        # What comes meanwhile is counted too, until a person begins to agree.
        expect(sheet(operator)).to_contain_text("30,001 znodes", timeout=20_000 * SCALE)
        sheet(operator).get_by_label("The path, to be sure").fill(f"{TOP}/lots")
        sheet(operator).get_by_role("button", name="Delete 30,001 znodes").click()
        sheet(operator).get_by_role("button", name="Stop it").click()
        expect(sheet(operator)).to_contain_text("then it was cancelled", timeout=30_000 * SCALE)
        said = re.search(r"Removed ([\d,]+) of 30,001 znodes", sheet(operator).inner_text())
        client.sync(TOP)
        left = len(client.get_children(f"{TOP}/lots"))
        assert said and count - int(said[1].replace(",", "")) == left > 0


def test_two_subtrees_are_compared(operator: Page, demo: Demo) -> None:
    with demo.zookeeper() as client:
        for path, data in ((f"{TOP}/left/x", b"1"), (f"{TOP}/right/x", b"2"), (f"{TOP}/right/y", b"")):
            client.create(path, data, makepath=True)
    operator.open(znode_url(f"{TOP}/left"))
    menu(operator, "Compare")
    sheet(operator).get_by_label("The other path").fill(f"{TOP}/right")
    sheet(operator).get_by_role("button", name="Compare").click()
    expect(sheet(operator).locator(".report")).to_contain_text("1 differ")
    sheet(operator).get_by_role("button", name=f"{TOP}/right/y").click()
    expect(operator.find(".insp .zn-name")).to_contain_text("y")


def test_none_of_it_is_there_for_a_viewer(viewer: Page) -> None:
    viewer.open(znode_url(TOP))
    expect(viewer.find(".zn-name")).to_contain_text(TOP)
    expect(viewer.find(".deed-bar, .root-bar, .pk, .tray-button")).to_have_count(0)
    for key in ("n", "e", "m", "F2", "Delete"):
        viewer.tab.keyboard.press(key)
    viewer.row(TOP).click(button="right")
    viewer.tab.keyboard.press("Shift+F10")
    expect(sheet(viewer)).to_have_count(0)
    expect(viewer.find(".menu")).to_have_count(0)
    viewer.tab.get_by_role("tab", name="ACL").click()
    expect(viewer.find(".acl")).to_contain_text("Anyone may do anything.")
    expect(viewer.button(re.compile("Change"))).to_have_count(0)


@pytest.mark.parametrize("name", HOSTILE, ids=["markup", "long"])
def test_hostile_names_are_text_in_every_sheet(operator: Page, demo: Demo, name: str) -> None:
    with demo.zookeeper() as client:
        client.create(f"{TOP}/{name}", name.encode())
    operator.tab.set_viewport_size({"width": 390, "height": 844})
    operator.open(znode_url(f"{TOP}/{name}"))
    operator.button("Actions", exact=True).click()
    expect(operator.find(".menu")).to_be_visible()
    items = operator.find(".menu [role=menuitem]:not([aria-disabled]) b").all_inner_texts()
    opens = [item for item in items if item.endswith("…")]
    assert len(opens) > 3
    operator.tab.keyboard.press("Escape")
    for item in opens:
        menu(operator, item)
        expect(sheet(operator)).to_be_visible()
        operator.tab.wait_for_timeout(50)
        wide = "(one) => one.scrollWidth > one.clientWidth"
        assert not sheet(operator).evaluate(wide), f"{item} is wider than a phone"
        assert operator.find("#app img, #app script, dialog img").count() == 0
        operator.tab.keyboard.press("Escape")
        expect(sheet(operator)).to_have_count(0)


def test_a_finger_opens_the_menu(open_page: Opener, operator_state: StorageState) -> None:
    page = open_page(operator_state, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.open("/tree")
    box = page.row(TOP).locator(".pk").bounding_box()
    assert box is not None and box["width"] >= 24
    page.row(TOP).locator(".pk").tap()
    expect(page.find(".bulk")).to_contain_text("1 picked")
    page.find(".root-bar button").tap()
    expect(page.find(".menu")).to_be_visible()
