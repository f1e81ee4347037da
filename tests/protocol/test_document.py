"""docs/protocol.md says what the code does: every message, field, topic, parameter, code, and its example."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashboard.errors import HTTP_STATUS
from dashboard.live import consumer, hub, viewer
from zkbridge.protocol import topics
from zkbridge.protocol.calls import METHODS
from zkbridge.protocol.delta import apply
from zkbridge.protocol.frames import MAX_FRAME, Beat, Call, ClientFrame, Delta, Hello, Result, Snapshot, Trouble
from zkbridge.protocol.schema import schema
from zkbridge.search.searches import OPEN, RUNNING

DOCUMENT = Path(__file__).resolve().parents[2].joinpath("docs", "protocol.md").read_text()
SECTIONS = {
    match.group(1): match.group(2)
    for match in re.finditer(r"^###? ([^\n]+)\n(.*?)(?=^###? |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
}
DEFINITIONS: dict[str, Any] = schema()["definitions"]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_message_has_its_section_with_every_field_and_no_other(name: str) -> None:
    assert name in SECTIONS, f"docs/protocol.md has no section {name!r}"
    told = set(re.findall(r"^\| `(\w+)` \|", SECTIONS[name], re.MULTILINE))
    assert told == DEFINITIONS[name]["properties"].keys() - {"op", "type"}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_value_of_a_choice_and_every_default_is_told(name: str) -> None:
    for field, what in DEFINITIONS[name]["properties"].items():
        row = re.search(rf"^\| `{field}` \|.*$", SECTIONS[name], re.MULTILINE)
        if row is None:
            assert field in ("op", "type")
            continue
        for value in what.get("enum", []):
            assert f"`{value}`" in row.group() or value == "", f"{name}.{field} may be {value!r}"
        if "default" in what and what["default"] not in ([], {}):
            assert f"`{msgspec.json.encode(what['default']).decode()}`" in row.group(), f"default of {name}.{field}"
        assert ("| always |" in row.group()) == (field in DEFINITIONS[name].get("required", [])), f"{name}.{field}"


@pytest.mark.parametrize("frame", [Call, Result])
def test_the_frames_of_hubs(frame: type) -> None:
    for field in frame.__struct_fields__:  # type: ignore[attr-defined]
        assert f"`{field}`" in SECTIONS[frame.__name__] or f'"{field}"' in SECTIONS[frame.__name__]


def test_every_topic_and_parameter() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)\| \[", SECTIONS["Topics"], re.MULTILINE))
    assert rows.keys() == topics.PARAMETERS.keys()
    for name, parameters in topics.PARAMETERS.items():
        told = set(re.findall(r"`(\w+)`", rows[name])) & set().union(*topics.PARAMETERS.values())
        assert parameters <= told, name


def test_every_action() -> None:
    for method in METHODS:
        assert f"`{method}`" in SECTIONS["Actions"]


def test_every_code_with_its_status() -> None:
    told = dict(re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", SECTIONS["Codes"], re.MULTILINE))
    assert told == {code: str(status) for code, status in HTTP_STATUS.items()}


def test_close_codes_and_limits() -> None:
    for code in (
        consumer.NOT_JOINED, consumer.BAD_FRAMES, consumer.TOO_LARGE, consumer.CROWDED, consumer.TOO_MANY, hub.TOO_SLOW,
    ):  # fmt: skip
        assert re.search(rf"^\| {code} \|", SECTIONS["Codes"], re.MULTILINE), code
    rules = SECTIONS["Rules"]
    assert f"{hub.MAX_VIEWER_TOPICS} topics a page" in rules and f"{MAX_FRAME:,} bytes" in rules
    assert f"more than {viewer.BEHIND_FRAMES} frames or {viewer.BEHIND_BYTES // 1024} KB" in rules
    assert f"all but {viewer.CAUGHT_UP} frames" in rules and f"After {hub.SILENT:g} s" in rules
    assert f"{hub.MAX_USER_PAGES} pages a user, {hub.MAX_PAGES:,} in all" in rules
    bounds = f"At most {hub.MAX_VIEWER_SEARCHES} a page and {OPEN} in all; {RUNNING} are under way"
    assert bounds in SECTIONS["Search"]
    assert consumer.MAX_BAD + 1 == 9 and "ninth malformed frame" in rules


def test_the_example_is_a_possible_conversation() -> None:
    """Each frame is one, each delta follows on its snapshot, each ack counts what was received."""
    received = 0
    values: dict[str, tuple[int, int, Any]] = {}
    for line in re.search(r"```text\n(.*?)```", SECTIONS["An example"], re.DOTALL).group(1).splitlines():  # type: ignore[union-attr]
        if line.startswith("> "):
            frame = msgspec.json.decode(line[2:], type=ClientFrame)
            if hasattr(frame, "n"):
                assert frame.n == received
            continue
        received += 1
        strict = msgspec.json.decode(line[2:], type=Hello | Beat | Snapshot | Delta | Trouble)
        if isinstance(strict, Snapshot):
            values[strict.topic] = (strict.epoch, strict.seq, strict.data)
        elif isinstance(strict, Delta):
            epoch, seq, value = values[strict.topic]
            assert (strict.epoch, strict.seq) == (epoch, seq + 1)
            values[strict.topic] = (epoch, strict.seq, apply(value, strict.patch))  # type: ignore[arg-type]
    assert received == 9 and values["children?path=%2F"][2]["order"] == []


def test_the_links_lead_somewhere() -> None:
    anchors = {re.sub(r"[^\w -]", "", name).lower().replace(" ", "-") for name in SECTIONS}
    for anchor in re.findall(r"\]\(#([\w-]+)\)", DOCUMENT):
        assert anchor in anchors, anchor


def test_the_client_can_be_read() -> None:
    code = re.search(r"```python\n(.*?)```", SECTIONS["A client"], re.DOTALL).group(1)  # type: ignore[union-attr]
    scope: dict[str, Any] = {"__name__": "client"}
    exec(compile(code, "client.py", "exec"), scope)  # noqa: S102 - our own document
    assert scope["merge"]({"a": 1, "b": {"c": 2, "d": 3}}, {"a": None, "b": {"c": 4}, "e": [5]}) == {
        "b": {"c": 4, "d": 3}, "e": [5],
    }  # fmt: skip
