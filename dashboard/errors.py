"""What a person or a script is told when a request is refused: a page, or below /api/ a problem in JSON.

Nothing of the request is repeated in an answer.
"""

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from dashboard import clusters, frontend
from zkbridge.protocol.base import Problem
from zkbridge.protocol.calls import PROBLEM_STATUS

HTTP_STATUS = {
    "no-such-page": 404, "wrong-verb": 405, "no-length": 411, "too-long": 414, "slow-down": 429, **PROBLEM_STATUS,
}  # fmt: skip
"""Every code that an answer over HTTP can have, with its status."""

_WORDS = {
    "bad-request": ("This request cannot be read.", "Open the dashboard from the address that the terminal printed."),
    "not-joined": ("You have not joined, or your session has ended.", "Log in, or open a link that lets you in."),
    "not-permitted": ("You may not do this.", "Operators may."),
    "no-such-page": ("There is no page at this address.", "Its pages are in the bar of the cluster's page."),
    "wrong-verb": ("This address does not take this kind of request.", "See /api/openapi.json."),
    "no-length": ("The request does not say how long its body is.", "Send it with a Content-Length."),
    "slow-down": ("Too many wrong tokens came from your address.", "Wait as long as Retry-After says."),
    "no-such-action": ("You have made no action by this number.", "The answer that named it says its number."),
    "failed": ("Something went wrong in the web process.", "Its log, in the terminal, says what."),
}

OTHER_ORIGIN = Problem(
    "not-permitted",
    "This request did not come from a page of this dashboard that is still valid.",
    "Reload the page and try again.",
)

logger = logging.getLogger(__name__)


class Refused(Exception):
    """The request is answered with ``problem``; nothing was done. ``wait``: seconds, where it is to come later."""

    def __init__(self, problem: Problem, wait: int = 0) -> None:
        super().__init__(problem.code)
        self.problem, self.wait = problem, wait


def problem(code: str, text: str = "", hint: str = "") -> Problem:
    """The problem of this code, in its usual words unless others are given."""
    usual_text, usual_hint = _WORDS.get(code, ("", ""))
    return Problem(code, text or usual_text, hint if text else usual_hint)


def as_json(trouble: Problem, **more: Any) -> JsonResponse:
    """``more`` is what the answer has besides the problem."""
    body = {"code": trouble.code, "text": trouble.text, "hint": trouble.hint}
    return JsonResponse({"problem": body, **more}, status=HTTP_STATUS.get(trouble.code, 500))


def door(request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int) -> HttpResponse:
    """A page for someone who is not on the dashboard: plain, in its look, without a script."""
    try:
        assets = frontend.load(settings.STATIC_ROOT, "src/style/door.css")
    except frontend.NotBuilt:
        assets = frontend.Assets()
    shown = {"cluster": clusters.of(request), "assets": assets, "status": status, **(context or {})}
    return render(request, f"door/{template}", shown, status=status)


def answer(request: HttpRequest, trouble: str | Problem) -> HttpResponse:
    """Refuse ``request`` with a problem, or a code in its usual words, in the form that its sender reads."""
    if isinstance(trouble, str):
        trouble = problem(trouble)
    if request.path_info.startswith("/api/"):
        return as_json(trouble)
    return door(request, "error.html", {"problem": trouble}, status=HTTP_STATUS.get(trouble.code, 500))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, DisallowedHost):
        text = "The address in your browser names a host that this dashboard was not started for."
        return answer(request, problem("bad-request", text, "Use the address that the terminal printed."))
    return answer(request, "bad-request")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, "not-permitted")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, "no-such-page")


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, "failed")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    logger.warning("Refused a %s without a valid CSRF token, or from another origin: %s", request.method, reason)
    return answer(request, OTHER_ORIGIN)
