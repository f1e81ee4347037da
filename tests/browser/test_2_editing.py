"""Editing a znode's data: saved over what was seen and nothing else, kept exactly, and not there for a viewer."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from kazoo.client import KazooClient
from playwright.sync_api import Locator, expect

from tests.browser.demo import Demo
from tests.browser.page import Page, znode_url
from tests.integration.ensemble import SCALE

TOP = "/editing"


@pytest.fixture(scope="module")
def client(demo: Demo) -> Iterator[KazooClient]:
    with demo.zookeeper() as client:
        client.ensure_path(TOP)
        yield client
        client.delete(TOP, recursive=True)


def editor(page: Page, path: str, verb: str = "Edit") -> Locator:
    """Open it; every test looks for violations of the Content-Security-Policy, which the browser would log."""
    page.open(znode_url(path))
    page.find(".insp .zn-edit", verb).click()
    dialog = page.find("dialog.edit")
    expect(dialog.locator(".cm-content").first).to_be_focused(timeout=15_000 * SCALE)
    return dialog


def at_end(page: Page, text: str) -> None:
    page.tab.keyboard.press("ControlOrMeta+End")
    page.tab.keyboard.type(text)


def button(dialog: Locator, name: str) -> Locator:
    return dialog.get_by_role("button", name=name)


def test_json_is_checked_laid_out_and_saved(operator: Page, client: KazooClient) -> None:
    path = f"{TOP}/json"
    client.create(path, b'{"id":12345678901234567890,"n":1.10}\r\n')
    dialog = editor(operator, path)
    expect(dialog).to_contain_text("Version 0 · UTF-8, Windows line ends")
    operator.tab.keyboard.press("ControlOrMeta+s")
    expect(dialog).to_contain_text("Nothing is changed, so there is nothing to save.")
    assert client.get(path)[1].version == 0
    at_end(operator, "x")
    expect(dialog.locator(".edit-fault")).to_contain_text("Line 2, column 1 Nothing may follow the value")
    operator.tab.keyboard.press("ControlOrMeta+s")
    expect(dialog).to_contain_text("JSON with a fault.")
    button(dialog, "Go there").click()
    operator.tab.keyboard.press("ControlOrMeta+End")
    operator.tab.keyboard.press("Backspace")
    expect(dialog.locator(".edit-fault")).to_have_count(0)
    button(dialog, "Lay out").click()
    expect(dialog.locator(".cm-line")).to_have_count(4)
    operator.tab.keyboard.press("ControlOrMeta+s")
    expect(dialog).to_have_count(0)
    expect(operator.find(".toasts")).to_contain_text("version 1")
    assert client.get(path)[0] == b'{\r\n  "id": 12345678901234567890,\r\n  "n": 1.10\r\n}'


def test_a_change_meanwhile_is_told_and_both_values_are_shown(operator: Page, client: KazooClient) -> None:
    path = f"{TOP}/conflict"
    client.create(path, b"first")
    dialog = editor(operator, path)
    at_end(operator, " mine")
    client.set(path, b"theirs")
    expect(dialog).to_contain_text("Somebody has changed it to version 1")
    expect(dialog.locator(".cm-line")).to_have_text("first mine")
    button(dialog, "Save").click()
    expect(dialog.locator(".cm-merge-a .cm-line")).to_have_text("theirs")
    expect(dialog.locator(".cm-merge-b .cm-line")).to_have_text("first mine")
    assert client.get(path)[0] == b"theirs"
    operator.tab.keyboard.press("Escape")
    expect(dialog).to_contain_text("Saving replaces version 1")
    expect(dialog).not_to_contain_text("Close without saving?")
    client.set(path, b"others")
    expect(dialog).to_contain_text("Somebody has changed it to version 2")
    button(dialog, "Show both").click()
    expect(dialog.locator(".cm-merge-a .cm-line")).to_have_text("others")
    button(dialog, "Take version 2").click()
    expect(dialog.locator(".cm-line")).to_have_text("others")
    operator.tab.keyboard.press("ControlOrMeta+z")
    expect(dialog.locator(".cm-line")).to_have_text("first mine")
    client.set(path, b"again")
    expect(dialog).to_contain_text("Somebody has changed it to version 3")
    button(dialog, "Show both").click()
    button(dialog, "Save mine over version 3").click()
    expect(dialog).to_have_count(0)
    data, stat = client.get(path)
    assert (data, stat.version) == (b"first mine", 4)


def test_bytes_are_edited_in_hex_and_kept_exactly(operator: Page, client: KazooClient) -> None:
    data = bytes(range(256)) + b"\r\n\xef\xbb\xbf"
    client.create(f"{TOP}/bytes", data)
    dialog = editor(operator, f"{TOP}/bytes")
    expect(dialog.locator(".edit-tools select")).to_have_value("hex")
    expect(dialog.locator(".cm-line").nth(4)).to_contain_text("@ABCDEFGHIJKLMNO")
    at_end(operator, "\n0")
    expect(dialog.locator(".edit-fault")).to_contain_text("this one has one")
    at_end(operator, "0 FF")
    operator.tab.keyboard.press("ControlOrMeta+Home")
    for _ in range(3):
        operator.tab.keyboard.press("Delete")
    expect(dialog.locator(".edit-fault")).to_have_count(0)
    button(dialog, "Save").click()
    expect(dialog).to_have_count(0)
    assert client.get(f"{TOP}/bytes")[0] == data[1:] + b"\x00\xff"


def test_what_was_packed_is_saved_packed(operator: Page, client: KazooClient) -> None:
    client.create(f"{TOP}/packed", gzip.compress(b'{"a": 1}'))
    dialog = editor(operator, f"{TOP}/packed")
    expect(dialog.locator(".cm-line")).to_have_text('{"a": 1}')
    at_end(operator, "\n")
    button(dialog, "Save").click()
    expect(dialog).to_have_count(0)
    assert gzip.decompress(client.get(f"{TOP}/packed")[0]) == b'{"a": 1}\n'


def test_nothing_that_was_typed_is_lost(operator: Page, client: KazooClient) -> None:
    path = f"{TOP}/draft"
    client.create(path, b"kept")
    dialog = editor(operator, path)
    at_end(operator, " and typed")
    operator.tab.keyboard.press("Escape")
    expect(dialog).to_contain_text("Close without saving?")
    operator.tab.keyboard.press("Escape")
    expect(dialog).not_to_contain_text("Close without saving?")
    operator.tab.keyboard.press("Escape")
    button(dialog, "Keep the draft").click()
    expect(dialog).to_have_count(0)
    client.delete(path)
    client.create(path, b"made anew")
    dialog = editor(operator, path, "Go on editing")
    expect(dialog.locator(".cm-line")).to_have_text("kept and typed")
    expect(dialog).to_contain_text("your draft")
    expect(dialog).to_contain_text("It was deleted and created anew, as version 0")
    client.delete(path)
    expect(dialog).to_contain_text("Somebody has deleted this znode")
    button(dialog, "Create it again").click()
    expect(dialog).to_have_count(0)
    assert client.get(path)[0] == b"kept and typed"


def test_a_viewer_has_no_editor(viewer: Page, client: KazooClient) -> None:
    client.ensure_path(f"{TOP}/seen")
    client.set(f"{TOP}/seen", gzip.compress(b"a: 1\nb: 2\n"))
    viewer.open(znode_url(f"{TOP}/seen"))
    expect(viewer.find(".insp .zn")).to_contain_text("gzip, then YAML")
    expect(viewer.find(".insp .code")).to_contain_text("b: 2")
    expect(viewer.find(".insp .zn-edit")).to_have_count(0)
    viewer.tab.keyboard.press("e")
    expect(viewer.find("dialog[open]")).to_have_count(0)
