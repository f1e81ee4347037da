"""ACLs in words, masks that hide every digest and lose nothing, and data in each encoding. Pure."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.acl import MASK, BadAcl, digest, is_masked, masked, unmasked, words, written
from dashboard.api.payload import Data
from zkbridge.protocol.editing import Ace

names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=":"), min_size=1, max_size=8)
perms = st.sets(st.sampled_from("cdrwa"), min_size=1).map(lambda found: "".join(x for x in "cdrwa" if x in found))
secrets = st.binary(min_size=20, max_size=20).map(lambda secret: base64.b64encode(secret).decode())
digests = st.builds(lambda user, secret, perms: Ace("digest", f"{user}:{secret}", perms), names, secrets, perms)
others = st.builds(Ace, st.sampled_from(["world", "ip", "auth", "sasl", "x509", "custom"]), names, perms)


@pytest.mark.parametrize(
    ("scheme", "id", "perms", "sentence"),
    [("world", "anyone", "cdrwa", "Anyone may do everything."), ("world", "anyone", "r", "Anyone may read."),
     ("digest", "bob:x", "rw", "User bob, by password, may read and write."),
     ("digest", "nonsense", "r", "A user by password may read."),
     ("ip", "10.0.0.1", "cdr", "Whoever comes from address 10.0.0.1 may create children, delete children and read."),
     ("sasl", "ann", "a", "User ann, by SASL, may administer."), ("auth", "", "r", "Whoever wrote this ACL may read."),
     ("x509", "CN=a", "r", "Whoever has a certificate for CN=a may read."),
     ("world", "anyone", "", "Anyone may do nothing."),
     ("custom", "x", "r", "x of scheme custom may read."), ("super", "", "r", "The superuser may read.")],
)  # fmt: skip
def test_schemes_in_words(scheme: str, id: str, perms: str, sentence: str) -> None:
    assert words(Ace(scheme, id, perms)) == sentence


def test_a_digest_is_zookeepers() -> None:
    # As DigestAuthenticationProvider.generateDigest("super:test") has it in ZooKeeper's own tests.
    assert digest("super", "test") == "super:D/InIHSb7yEEbrWz8b9l71RjZJU="
    assert written("digest", "", "wr", "super", "test", 1) == Ace("digest", digest("super", "test"), "rw")


@given(digests)
def test_no_mask_and_no_sentence_has_the_digest(ace: Ace) -> None:
    secret = ace.id.rpartition(":")[2]
    shown = masked(ace)
    assert is_masked(shown) and secret not in shown.id and secret not in words(ace) and secret not in words(shown)


@given(st.lists(others | digests, max_size=6, unique_by=lambda ace: (ace.scheme, masked(ace).id)))
def test_what_is_sent_back_masked_stays_as_it_is(acl: list[Ace]) -> None:
    assert unmasked([masked(ace) for ace in acl], acl) == acl


@given(digests, secrets)
def test_a_mask_that_can_mean_two_digests_or_none_is_refused(ace: Ace, secret: str) -> None:
    user = ace.id.rpartition(":")[0]
    other = Ace("digest", f"{user}:{secret}", "r")
    present = [ace, other] if other.id != ace.id else []
    with pytest.raises(BadAcl, match="Entry 1"):
        unmasked([masked(ace)], present)
    with pytest.raises(BadAcl, match="password"):
        unmasked([masked(ace)], [Ace("digest", f"{user}:x", "r")])  # as a server tells it that hides it itself
    assert MASK not in secret


@given(st.binary(max_size=60))
def test_bytes_survive_hex_and_base64(data: bytes) -> None:
    assert Data(encoding="hex", value=data.hex(" ")).read() == data
    assert Data(encoding="base64", value=base64.b64encode(data).decode()).read() == data


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_characters_survive_text(text: str) -> None:
    assert Data(encoding="text", value=text).read().decode() == text


numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=8,
)


@given(values)
def test_values_survive_json(value: Any) -> None:
    assert json.loads(Data(encoding="json", value=value).read()) == value
