"""What a person or a script is told when a request is refused: a page, or below /api/ a problem in JSON.

Nothing of the request is repeated in an answer.
"""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from zkbridge.protocol.base import Problem
from zkbridge.protocol.calls import PROBLEM_STATUS

HTTP_STATUS = {"no-such-page": 404, "wrong-verb": 405, "gone": 410, "no-length": 411, **PROBLEM_STATUS}
"""Every code that an answer over HTTP can have, with its status."""

_WORDS = {
    "bad-request": ("This request cannot be read.", "Open the dashboard from its own address."),
    "not-joined": ("You have not joined.", "Open the address that the terminal printed."),
    "not-permitted": ("You may not do this.", "Join as an operator to act on the cluster."),
    "no-such-page": ("There is no such page.", "The dashboard is at /."),
    "wrong-verb": ("This address does not take this kind of request.", "The API's description is at /api/openapi.json."),
    "no-length": ("The request does not say how long its body is.", "Send it with a Content-Length."),
    "too-large": ("The body of the request is too large.", "Send at most 64 KB."),
    "failed": ("Something went wrong in the web process.", "Its log, in the terminal, says what."),
}

logger = logging.getLogger(__name__)


def problem(code: str, text: str = "", hint: str = "") -> Problem:
    """The problem of this code, in its usual words unless others are given."""
    usual_text, usual_hint = _WORDS.get(code, ("", ""))
    return Problem(code, text or usual_text, hint if text else hint or usual_hint)


def as_json(trouble: Problem) -> JsonResponse:
    body = {"code": trouble.code, "text": trouble.text, "hint": trouble.hint}
    return JsonResponse({"problem": body}, status=HTTP_STATUS.get(trouble.code, 500))


def as_page(request: HttpRequest, trouble: Problem) -> HttpResponse:
    status = HTTP_STATUS.get(trouble.code, 500)
    return render(request, "error.html", {"problem": trouble, "status": status}, status=status)


def answer(request: HttpRequest, code: str, text: str = "", hint: str = "") -> HttpResponse:
    """Refuse ``request`` in the form that its sender reads."""
    trouble = problem(code, text, hint)
    return as_json(trouble) if request.path_info.startswith("/api/") else as_page(request, trouble)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, "bad-request")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, "not-permitted")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, "no-such-page")


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, "failed")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    logger.warning("Refused %s without a valid CSRF token or from another origin: %s", request.method, reason)
    return answer(
        request,
        "not-permitted",
        "This request did not come from a page of this dashboard that is still valid.",
        "Reload the page and try again.",
    )
