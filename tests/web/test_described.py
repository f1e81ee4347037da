"""What the API says of itself is so: names that stand for one thing, refusals, places of what is wrong."""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from typing import Any

import pytest
from ninja import Schema

from dashboard.errors import HTTP_STATUS
from tests.web.support import Browser, FakeHub, Person, problem


async def described(browser: Browser) -> dict[str, Any]:
    found: dict[str, Any] = (await browser.get("/api/openapi.json")).json()
    return found


def test_a_name_stands_for_one_shape() -> None:
    """Two classes called 'Listed' were described as one: decoders were said to be works."""
    shapes = {
        shape
        for name, module in list(sys.modules.items())
        if name.startswith("dashboard.api.")
        for shape in vars(module).values()
        if inspect.isclass(shape) and issubclass(shape, Schema) and shape is not Schema
    }
    names = Counter(shape.__name__ for shape in shapes)
    assert len(names) > 30 and not [name for name, count in names.items() if count > 1]


async def test_every_route_says_how_it_refuses_and_who_is_let_in(stranger: Browser) -> None:
    schema = await described(stranger)
    assert schema["components"]["schemas"]["Failure"]["properties"].keys() == {"problem", "row", "now"}
    for path, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            answers = operation["responses"]
            assert answers.keys() >= {str(status) for status in HTTP_STATUS.values()} - {"500"}, f"{verb} {path}"
            assert "500" not in answers and operation["security"] == [{"token": []}, {"session": []}]
            good = [answer for status, answer in answers.items() if status < "300"]
            assert good and all(answer.get("content") for answer in good), f"{verb} {path} says not what it answers"


@pytest.mark.parametrize(
    ("address", "place"),
    [("/api/znodes", "path"), ("/api/children?path=%2F&limit=0", "limit"),
     ("/api/audit?limit=x&before=0", "limit, before"),
     ("/api/export?path=%2F&acl=perhaps", "acl"), ("/api/decoded?path=%2F&as=%20", "as")],
)  # fmt: skip
async def test_what_is_wrong_in_a_query_is_named(operator: Person, address: str, place: str) -> None:
    """It was said to be 'the body', of requests that have none."""
    response = await operator.browser.get(address)
    assert problem(response) == "bad-request"
    said = response.json()["problem"]["text"].partition(": ")[2].removesuffix(".")
    assert set(said.split(", ")) == set(place.split(", "))


@pytest.mark.parametrize(
    ("body", "place"),
    [({"kind": "persistent"}, "path"), ({"path": "/a", "kind": "x"}, "kind"), ({"path": "/a", "more": 1}, "more"),
     ({"path": "/a", "data": {"encoding": "text"}}, "data.value"),
     ([], "the body"), ({"path": "/a", "acl": [{"scheme": "world"}]}, "acl.0.perms")],
)  # fmt: skip
async def test_what_is_wrong_in_a_body_is_named(operator: Person, hub: FakeHub, body: Any, place: str) -> None:
    response = await operator.post("/api/znodes", body)
    assert problem(response) == "bad-request" and not hub.calls
    assert f": {place}." in response.json()["problem"]["text"]


HALF = "\ud800"


@pytest.mark.parametrize(
    "entry",
    [{"scheme": "digest", "user": HALF, "password": "x"}, {"scheme": "digest", "user": "bob", "password": HALF},
     {"scheme": "digest", "id": f"bob:{HALF}"}, {"scheme": "ip", "id": HALF}],
)  # fmt: skip
async def test_half_a_character_in_an_acl_is_refused(operator: Person, hub: FakeHub, entry: dict[str, str]) -> None:
    """No encoding has it: it was a 500 in a password, and in an id an action whose result was unknown."""
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("put", "/api/acl?path=%2Fa", {"aversion": -1}),
        ("post", "/api/jobs/acl", {"path": "/a", "confirm": "/a", "mode": "add"}),
        ("post", "/api/znodes", {"path": "/a"}),
    ]
    for verb, address, body in requests:
        response = await operator.send(verb, address, {**body, "acl": [{**entry, "perms": "r"}]})
        assert response.status_code == 400 and problem(response) == "bad-acl", address
    assert not hub.calls
