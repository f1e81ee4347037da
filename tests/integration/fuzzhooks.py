"""Loaded by schemathesis (SCHEMATHESIS_HOOKS): bodies that are exports, cases that go far, and a list of answers.

Of paths that are made up none is ever there, so that little of the API would be reached.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies as st

PATHS = ("/", "/app", "/app/a", "/app/b", "/app/b/c", "/copy", "/missing", "/zookeeper", "/zookeeper/config")
MAKING = "POST /api/znodes"
OPEN = [{"scheme": "world", "id": "anyone", "perms": "cdrwa"}]
SOUND: dict[str, Any] = {
    "acl": OPEN, "data": {"encoding": "text", "value": "x"}, "version": -1, "aversion": -1, "znodes": 1_000,
    "name": "fuzz",
}  # fmt: skip
"""What is asked for by chance is nearly never the version that is there, or an ACL that ZooKeeper takes."""

ANSWERS = Path(os.environ["FUZZ_ANSWERS"])

_lines = st.fixed_dictionaries(
    {"path": st.sampled_from(["a", "a/b", "é", "../x", "", "a//b"])},
    optional={
        "acl": st.just(OPEN) | st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=5)), max_size=2),
        "text": st.text(max_size=20),
        "base64": st.sampled_from(["AP+A", "?", ""]),
        "kind": st.sampled_from(["persistent", "ephemeral", "container", "ttl", "sequential"]),
        "ttl": st.integers(),
        "locked": st.booleans(),
    },
)


@st.composite
def exports(draw: st.DrawFn) -> bytes:
    """Most are sound at first sight; of all others some byte, line or field is not as it should be."""
    header = {"zooscope": "export", "format": 1, "path": "/app", "cluster": "demo", "at": "2026-11-26T10:00:00Z",
              "zxid": "0x1", "acl": draw(st.booleans())}  # fmt: skip
    items = [{"path": "", "acl": OPEN}, *draw(st.lists(_lines, max_size=4, unique_by=lambda line: str(line["path"])))]
    end = {"end": True, "znodes": draw(st.sampled_from([len(items), len(items), 0, -1]))}
    text = b"".join(json.dumps(line).encode() + b"\n" for line in (header, *items, end))
    cut = draw(st.integers(0, len(text)))
    return draw(st.sampled_from([text, text, text, text[:cut], text[:cut] + b"\xff" + text[cut:]]))


schemathesis.openapi.media_type("application/x-ndjson", exports() | st.binary(max_size=200))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Most cases become such as may be carried out: always the same of the same case."""
    choose = random.Random(repr((case.query, case.body)))  # noqa: S311 - to repeat it is the point
    if choose.random() < 0.3:
        return
    new = (f"/app/new-{choose.randrange(1_000_000)}",) * len(PATHS) if case.operation.label == MAKING else ()
    for part in (case.query, case.body):
        if not isinstance(part, dict):
            continue
        for name in ("path", "to", "left", "right"):
            if isinstance(part.get(name), str) and choose.random() < 0.9:
                part[name] = choose.choice((*PATHS, *new))
        if "confirm" in part and choose.random() < 0.9:
            part["confirm"] = part.get("path")
        for name, sound in SOUND.items():
            if name in part and choose.random() < 0.7:
                part[name] = sound


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    with ANSWERS.open("a") as file:
        file.write(f"{case.operation.label} {response.status_code}\n")
