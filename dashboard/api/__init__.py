"""The HTTP interface: a router for each noun; described at /api/openapi.json.

There is no page that draws the description: it would load scripts from another host and run inline ones.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError

from dashboard import errors
from dashboard.api import (
    acl,
    actions,
    auditing,
    beginning,
    children,
    data,
    decoded,
    ensemble,
    export,
    importing,
    jobs,
    links,
    me,
    nodes,
    scenarios,
    servers,
    sessions,
    subtree,
    tokens,
    watches,
    workload,
    znodes,
)
from dashboard.api.access import Refused, joined
from dashboard.api.described import Described

api = Described(
    title="Zooscope",
    version="1",
    description="What people may do to the cluster that a Zooscope shows. Errors are {problem: {code, text, hint}}.",
    docs_url=None,
    auth=joined,
)
api.add_router("/me", me.router)
api.add_router("/nodes", nodes.router)
api.add_router("/servers", servers.router)
api.add_router("/sessions", sessions.router)
api.add_router("/watches", watches.router)
api.add_router("/ensemble", ensemble.router)
api.add_router("/links", links.router)
api.add_router("/lab", links.lab)
api.add_router("/scenarios", scenarios.router)
api.add_router("/workload", workload.router)
api.add_router("/znodes", znodes.router)
api.add_router("/acl", acl.router)
api.add_router("/children", children.router)
api.add_router("/data", data.router)
api.add_router("/actions", actions.router)
api.add_router("/tokens", tokens.router)
api.add_router("", auditing.router)
api.add_router("", decoded.router)
api.add_router("/subtree", subtree.router)
api.add_router("/export", export.router)
for works in (beginning, importing, jobs):  # what begins one stands at an address of its own, before all ids
    api.add_router("/jobs", works.router)


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    response = errors.as_json(error.problem)
    if error.problem.code == "not-joined":
        response["WWW-Authenticate"] = "Bearer"
    if error.wait:
        response["Retry-After"] = str(error.wait)
    return response


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Say where, never what: the value is not repeated."""
    missing = ", ".join(_place(found) for found in error.errors if found["type"] == "missing")
    wrong = ", ".join(_place(found) for found in error.errors if found["type"] != "missing")
    words = [f"Missing: {missing[:200]}."] if missing else []
    words += [f"Not known or not valid: {wrong[:200]}."] if wrong else []
    return errors.as_json(errors.problem("bad-request", " ".join(words), "/api/openapi.json says what belongs there."))


def _place(found: dict[str, Any]) -> str:
    """'limit' of the query, 'data.value' of the body: without the names that only the code has."""
    source, *steps = found["loc"]
    if source == "body" or len(steps) > 1:
        steps = steps[1:]
    return ".".join(map(str, steps)) or "the body"


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    return errors.as_json(errors.problem("bad-request", "The body is not JSON.", "Send a JSON object, or no body."))
