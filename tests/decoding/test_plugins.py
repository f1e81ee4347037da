"""A team's own decoders: found by entry point, run in a worker alone, named where they are broken, harmless always."""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import sys
from pathlib import Path

import pytest

from dashboard.decoding.builtin import BUILTIN
from dashboard.decoding.decoders import Decoders
from dashboard.decoding.layers import Decoded
from tests.decoding.conftest import Installs
from tests.decoding.samples import PLAIN

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "decoders.md").read_text()

QUICKLY = 1.0
"""Seconds that a decoding may take where one is meant to hang."""

TEAM = """
class Numbers:
    "Bytes that begin with TEAM: two numbers."
    label = "the team's numbers"
    language = "json"

    def detect(self, data, path):
        return 1.0 if data.startswith(b"TEAM") or path.startswith("/team/") else 0.0

    def decode(self, data):
        if len(data) != 6:
            raise ValueError("It has another length than 6.")
        return '{"first": %d, "second": %d}' % (data[4], data[5])


class Envelope:
    def detect(self, data, path):
        return 0.9 if data.startswith(b"ENV:") else 0

    def decode(self, data):
        return data[4:]


envelope = Envelope()
"""

BROKEN = """
import os, sys, time

class Plain:
    def detect(self, data, path):
        return 1.0
    def decode(self, data):
        return "plain"

class Hangs(Plain):
    def decode(self, data):
        while True:
            pass

class Sleeps(Plain):
    def detect(self, data, path):
        time.sleep(3600)

class Dies(Plain):
    def decode(self, data):
        os._exit(3)

class Eats(Plain):
    def decode(self, data):
        return "x" * 10 ** 10

class Prints(Plain):
    def decode(self, data):
        print("much" * 100_000)
        sys.stdout.flush()
        return "printed"

class Raises(Plain):
    def detect(self, data, path):
        raise KeyError(data)

class Wrong(Plain):
    def decode(self, data):
        return 17

class Exits(Plain):
    def decode(self, data):
        sys.exit(0)

class Endless(Plain):
    def decode(self, data):
        return b"E" + data

class Large(Plain):
    def decode(self, data):
        return "l" * 50_000_000

class Cannot(Plain):
    def __init__(self):
        raise RuntimeError("no schema")

class Half:
    def detect(self, data, path):
        return 1.0

class Bound(Plain):
    def __init__(self):
        time.sleep(3600)

class Looks(Plain):
    def decode(self, data):
        return " ".join(sorted(os.environ))
"""


def names(found: Decoded) -> list[str]:
    return [layer.name for layer in found.layers]


@pytest.fixture
async def impatient(decoders: Decoders) -> Decoders:
    return Decoders(seconds=QUICKLY)


async def test_a_plugin_is_found_and_used(install: Installs, decoders: Decoders) -> None:
    install(TEAM, team="Numbers", envelope="envelope")
    found = await decoders.decode(b"TEAM\x01\x02", "/a")
    assert (names(found), found.text, found.language) == (["team"], '{"first": 1, "second": 2}', "json")
    assert found.choices[0].label == "the team's numbers"
    found = await decoders.decode(gzip.compress(b"ENV:" + PLAIN), "/a")
    assert names(found) == ["gzip", "envelope", "json"]
    assert names(await decoders.decode(b"......", "/team/x")) == ["team"]
    assert names(await decoders.decode(PLAIN, "/a")) == ["json"]


async def test_a_plugin_says_why_not(install: Installs, decoders: Decoders) -> None:
    install(TEAM, team="Numbers")
    found = await decoders.decode(b"TEAM", "/a", "team")
    assert found.text == "TEAM" and found.warning == "Not read as the team's numbers: It has another length than 6."


async def test_plugins_are_listed_with_what_is_wrong(install: Installs, decoders: Decoders) -> None:
    install(TEAM, team="Numbers", gzip="Numbers", Team="Numbers", nothing="Nothing")
    install(BROKEN, cannot="Cannot", half="Half")
    listed = {one.name: one for one in await decoders.listed()}
    assert [name for name in listed if not listed[name].plugin] == [one.name for one in BUILTIN if one.name != "gzip"]
    assert listed["team"].problem == "" and listed["team"].label == "the team's numbers"
    assert "has a decoder of this name itself" in listed["gzip"].problem
    assert "small letters" in listed["Team"].problem
    assert "AttributeError" in listed["nothing"].problem
    assert "no schema" in listed["cannot"].problem
    assert "no method decode()" in listed["half"].problem
    assert names(await decoders.decode(gzip.compress(PLAIN), "/a")) == ["gzip", "json"]


@pytest.mark.parametrize("broken", ["Hangs", "Sleeps", "Dies", "Exits", "Bound"])
async def test_one_that_does_not_end_is_ended_and_named(install: Installs, impatient: Decoders, broken: str) -> None:
    install(BROKEN, bad=broken)
    found = await impatient.decode(PLAIN, "/a")
    assert names(found) == ["json"] and found.warning in (
        "The decoder bad took more than 1 s, and was ended.", "The decoder bad ended its process.",
    )  # fmt: skip
    # And then it is left alone for a while.
    found = await impatient.decode(PLAIN, "/a")
    assert names(found) == ["json"] and found.warning == ""
    await impatient.stop()


async def test_one_that_is_asked_for_is_tried_again(install: Installs, impatient: Decoders) -> None:
    install(BROKEN, bad="Hangs")
    for _ in range(2):
        found = await impatient.decode(PLAIN, "/a", "bad")
        assert names(found) == ["json"] and "bad took more than 1 s" in found.warning
    await impatient.stop()


@pytest.mark.parametrize(
    ("broken", "told"),
    [("Eats", "MemoryError"), ("Raises", "KeyError"), ("Wrong", "TypeError")],
)
async def test_one_that_fails_is_named(install: Installs, impatient: Decoders, broken: str, told: str) -> None:
    install(BROKEN, bad=broken)
    found = await impatient.decode(PLAIN, "/a")
    assert names(found) == ["json"] and "bad" in found.warning and told in found.warning
    assert "worker-3" not in found.warning
    await impatient.stop()


async def test_what_one_prints_is_no_answer(install: Installs, decoders: Decoders) -> None:
    install(BROKEN, loud="Prints")
    assert (await decoders.decode(PLAIN, "/a")).text == "printed"


async def test_one_that_never_comes_to_an_end_of_layers(install: Installs, decoders: Decoders) -> None:
    install(BROKEN, more="Endless")
    found = await decoders.decode(b"x", "/a")
    assert names(found) == ["more"] * 4 + ["text"] and "more than 4 layers" in found.warning


async def test_no_plugin_makes_more_than_a_decoder_may(install: Installs, decoders: Decoders) -> None:
    install(BROKEN, large="Large")
    found = await decoders.decode(b"x", "/a")
    assert found.truncated and len(found.text or "") == 1_000_000


async def test_a_plugin_sees_no_secret(
    install: Installs, decoders: Decoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOOSCOPE_SECRET_KEY_FILE", "/secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://u:secret@h/d")
    install(BROKEN, looks="Looks")
    seen = ((await decoders.decode(b"x", "/a")).text or "").split()
    assert "PATH" in seen and not [name for name in seen if "ZOOSCOPE" in name or "DATABASE" in name]


async def test_the_web_process_loads_none(install: Installs, decoders: Decoders) -> None:
    install(TEAM, team="Numbers")
    await decoders.decode(b"TEAM\x01\x02", "/a")
    await decoders.listed()
    assert not [name for name in sys.modules if name.startswith("their_decoders")]


async def test_the_example_of_the_document_works(install: Installs, decoders: Decoders) -> None:
    """With the module that protoc would make replaced by one that is used alike."""
    code = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)[0]
    [(name, what)] = re.findall(r'^([\w-]+) = "acme_zooscope:(\w+)"$', DOCUMENT, re.MULTILINE)
    stand_in = """
import sys, types

class Instance:
    def ParseFromString(self, data):
        if data != b"\\x0a\\x01a":
            raise DecodeError
        return len(data)

class DecodeError(Exception):
    pass

def module(name, **members):
    made = sys.modules[name] = types.ModuleType(name)
    made.__dict__.update(members)
    return made

module("google")
module("google.protobuf", json_format=module("google.protobuf.json_format", MessageToJson=lambda one: '{"host": "a"}'))
module("google.protobuf.message", DecodeError=DecodeError)
module("acme")
module("acme.registry_pb2", Instance=Instance)
"""
    install(stand_in + code, **{name: what})
    found = await decoders.decode(b"\x0a\x01a", "/acme/registry/i-1")
    assert (names(found), found.language, found.text) == ([name], "json", '{"host": "a"}')
    found = await decoders.decode(b"\x00\xff\x13", "/acme/registry/i-1")
    assert names(found) == ["raw"]
    assert names(await decoders.decode(PLAIN, "/other")) == ["json"]


async def test_workers_do_not_outlive_who_asked(install: Installs, impatient: Decoders) -> None:
    install(BROKEN, bad="Hangs")
    before = children()
    asked = [asyncio.create_task(impatient.decode(PLAIN, "/a", "bad")) for _ in range(4)]
    await asyncio.sleep(0.2)
    for task in asked:
        task.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    assert names(await impatient.decode(gzip.compress(PLAIN), "/a", "gzip")) == ["gzip", "json"]
    await impatient.stop()
    assert children() == before


def children() -> list[str]:
    """Commands of the processes that this one started and that still are."""
    import psutil

    return [" ".join(child.cmdline()) for child in psutil.Process(os.getpid()).children() if child.status() != "zombie"]
