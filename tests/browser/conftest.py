"""One demo, one Chromium; each test has pages of its own, of which nothing may have gone wrong."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, StorageState, expect, sync_playwright

from tests.browser.demo import Demo
from tests.browser.page import Page
from tests.integration.ensemble import SCALE

ROOT = Path(__file__).parents[2]
SHOTS = Path(__file__).parent / "shots"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# Nothing of the browser itself may reach out, or need a display.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
WIDE = {"width": 1600, "height": 900}

Opener = Callable[..., Page]

expect.set_options(timeout=5_000 * SCALE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Demo]:
    if not (ROOT / "static/dist/manifest.json").exists():
        pytest.fail("The page is not built: 'npm ci && npm run build' in static/, or 'make test'.")
    demo = Demo(tmp_path_factory.mktemp("demo"), nodes=4)
    try:
        demo.start()
        yield demo
    finally:
        if request.session.testsfailed:
            for log in demo.home.glob("demo-*/logs/*.log"):
                SHOTS.mkdir(exist_ok=True)
                shutil.copy(log, SHOTS)
        demo.stop()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def operator_state(chromium: Browser, demo: Demo) -> StorageState:
    """The cookies of somebody who came in by the operator's link, which works once."""
    context = chromium.new_context()
    answer = context.new_page().goto(demo.operator)
    assert answer is not None and answer.ok, f"the operator's link answered {answer and answer.status}"
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="package")
def viewer_state(chromium: Browser, demo: Demo) -> StorageState:
    context = chromium.new_context()
    answer = context.new_page().goto(demo.viewer)
    assert answer is not None and answer.ok, f"the viewers' link answered {answer and answer.status}"
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def open_page(chromium: Browser, demo: Demo, request: pytest.FixtureRequest) -> Iterator[Opener]:
    """``open_page(state, **options of the context)`` is a new tab with these cookies."""
    contexts: list[BrowserContext] = []
    pages: list[Page] = []

    def opened(state: StorageState | None, **options: object) -> Page:
        context = chromium.new_context(storage_state=state, **({"viewport": WIDE} | options))  # type: ignore[arg-type]
        contexts.append(context)
        pages.append(Page(context, demo.base))
        return pages[-1]

    failed_before = request.session.testsfailed
    yield opened
    troubles = [trouble for page in pages for trouble in page.trouble]
    if troubles or request.session.testsfailed > failed_before:
        SHOTS.mkdir(exist_ok=True)
        for number, page in enumerate(pages):
            page.tab.screenshot(path=SHOTS / f"{request.node.name}-{number}.png")
    for context in contexts:
        context.close()
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def operator(open_page: Opener, operator_state: StorageState) -> Page:
    return open_page(operator_state).open()


@pytest.fixture
def viewer(open_page: Opener, viewer_state: StorageState) -> Page:
    return open_page(viewer_state).open()
