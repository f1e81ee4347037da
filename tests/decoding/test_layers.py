"""What each sort of data becomes: by itself, as asked, and layer by layer."""

from __future__ import annotations

import base64
import gzip
import json

import msgpack
import pytest

from dashboard.decoding.builtin import BUILTIN
from dashboard.decoding.decoder import MAX_OUTPUT, Bytes, Result, Text
from dashboard.decoding.layers import Costly, Decoded, Layers
from tests.decoding.samples import GZIP, PLAIN, SAMPLES, VALUE


def read(data: bytes, wanted: str = "auto") -> Decoded:
    return Layers(BUILTIN, data, "/a").read(wanted)


def names(found: Decoded) -> list[str]:
    return [layer.name for layer in found.layers]


@pytest.mark.parametrize("sample", SAMPLES)
def test_data_is_known_by_itself(sample: str) -> None:
    data, layers, part = SAMPLES[sample]
    found = read(data)
    assert names(found) == layers and found.decoder == layers[-1]
    assert found.text is not None and part in found.text
    assert found.hex is None and not found.truncated


@pytest.mark.parametrize("sample", [name for name, (_, layers, _) in SAMPLES.items() if layers == ["json"]])
def test_json_keeps_its_tokens(sample: str) -> None:
    data = SAMPLES[sample][0]
    text = read(data).text or ""
    assert "".join(text.split()) == "".join(data.decode().split()) and json.loads(text) == json.loads(data)


def test_values_of_binary_formats_are_json_where_they_can_be() -> None:
    assert json.loads(read(msgpack.packb(VALUE)).text or "") == VALUE


def test_what_is_nothing_stays_bytes() -> None:
    found = read(b"\x00\xff\x13")
    assert (found.decoder, found.hex, found.text, found.warning) == ("raw", "00ff13", None, "")


def test_bytes_can_always_be_had() -> None:
    for data, _, _ in SAMPLES.values():
        found = read(data, "raw")
        assert found.hex == data.hex() and names(found) == ["raw"]
        assert "raw" in [choice.name for choice in found.choices]


def test_a_decoder_is_tried_within_what_wraps_it() -> None:
    found = read(gzip.compress(gzip.compress(msgpack.packb({"a": 1}))), "msgpack")
    assert names(found) == ["gzip", "gzip", "msgpack"] and found.text == '{\n  "a": 1\n}'


def test_a_wrapper_that_is_asked_for_is_followed_by_what_is_in_it() -> None:
    assert names(read(base64.b64encode(GZIP), "base64")) == ["base64", "gzip", "json"]


@pytest.mark.parametrize("wanted", [one.name for one in BUILTIN if one.name not in ("raw", "text", "number")])
def test_what_cannot_be_read_as_asked_comes_as_it_is(wanted: str) -> None:
    found = read(b"a b\x00", wanted)
    assert found.hex == b"a b\x00".hex() and found.warning.startswith("Not read as ")
    found = read(b"two words!", wanted)
    assert found.text == "two words!" and found.warning.startswith("Not read as ")


def test_where_the_fault_is() -> None:
    assert "line 2, column 3" in read(b'{"a":\n  x}', "json").warning
    assert "line 2, column 3" in read(b"<a>\n</b>", "xml").warning
    assert "line 2, column 3" in read(b"a: 1\n b: 2\n", "yaml").warning


def test_a_name_that_is_none() -> None:
    assert read(b"x", "cobol").warning == "There is no decoder of this name."


def test_the_fifth_layer_stays() -> None:
    data = PLAIN
    for _ in range(5):
        data = base64.b64encode(data)
    found = read(data)
    assert names(found) == ["base64"] * 4 + ["text"] and "more than 4 layers" in found.warning


def test_what_follows_a_gzip_is_told() -> None:
    assert "not part of it" in read(GZIP + b"tail", "gzip").warning


def test_a_gzip_without_its_end_is_none() -> None:
    assert read(GZIP[:-9]).decoder == "raw"


def test_a_declaration_of_entities_is_refused() -> None:
    data = b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>'
    found = read(data, "xml")
    assert found.text == data.decode() and "document type declaration" in found.warning


def test_xml_keeps_what_white_space_says() -> None:
    for data in (b"<a> x <b/></a>", b'<a xml:space="preserve">  <b/>  </a>', b"<a>  </a>", b'<a b="1&#10;2"/>'):
        assert read(data).text == data.decode()


def test_quick_reading_runs_nothing_that_is_costly() -> None:
    for data, layers, part in SAMPLES.values():
        try:
            found = Layers(BUILTIN, data, "/a", quick=True).read()
        except Costly:
            continue
        assert names(found) == layers and part in (found.text or "")
    with pytest.raises(Costly):
        Layers(BUILTIN, GZIP, "/a", quick=True).read()


class Broken:
    """A decoder that does everything wrong."""

    name = label = "broken"
    quick = True

    def __init__(self, detects: object = 1.0, makes: object = None) -> None:
        self.detects, self.makes = detects, makes

    def detect(self, data: bytes, path: str) -> float:
        if isinstance(self.detects, Exception):
            raise self.detects
        return self.detects  # type: ignore[return-value]

    def decode(self, data: bytes, limit: int) -> Result:
        if isinstance(self.makes, Exception):
            raise self.makes
        return self.makes  # type: ignore[return-value]


@pytest.mark.parametrize(
    "broken",
    [
        Broken(KeyError("secret")), Broken("much"), Broken(None), Broken(float("nan")), Broken(makes=MemoryError()),
        Broken(makes=KeyError("secret")), Broken(makes=RecursionError()), Broken(float("inf"), OSError("secret")),
    ],
)  # fmt: skip
def test_a_broken_decoder_harms_nothing(broken: Broken) -> None:
    found = Layers([broken, *BUILTIN], PLAIN, "/a").read()
    assert found.decoder == "json"
    assert "secret" not in found.warning


def test_a_broken_decoder_is_named() -> None:
    found = Layers([Broken(makes=KeyError()), *BUILTIN], PLAIN, "/a").read()
    assert found.warning == "The decoder broken failed with KeyError."


def test_no_decoder_gives_more_than_all_may() -> None:
    found = Layers([Broken(makes=Text("ä" * MAX_OUTPUT)), *BUILTIN], b"x", "/a").read()
    assert found.truncated and found.text == "ä" * (MAX_OUTPUT // 2)
    found = Layers([Broken(0.0, makes=Bytes(b"\xff" * 3 * MAX_OUTPUT)), *BUILTIN], b"x", "/a").read("broken")
    assert found.truncated and len(found.hex or "") == MAX_OUTPUT


def test_half_a_surrogate_pair_is_no_trouble() -> None:
    assert Layers([Broken(makes=Text("\ud800")), *BUILTIN], b"x", "/a").read().text == "\\ud800"
