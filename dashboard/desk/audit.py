"""/audit: what people did, newest first, with filters."""

import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard import auditlog
from dashboard.auditlog import METHODS, RESULTS, BadFilter, Filters
from dashboard.desk.frame import Elsewhere, enter, show
from dashboard.models import AuditRow

ROWS = 50
"""On one page."""

_VERDICTS = {"applied": "it took effect", "not-applied": "it did not take effect", "cannot-tell": "nobody can tell"}


@require_safe
async def page(request: HttpRequest) -> HttpResponse:
    try:
        user, rights = await enter(request, "audit.read")
    except Elsewhere as elsewhere:
        return elsewhere.response
    asked = {name: request.GET.get(name, "").strip()[:4_096] for name in Filters.__dataclass_fields__}
    filters, why, rows, following = Filters(**asked), "", [], None
    before = request.GET.get("before", "")
    try:
        start = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
        rows, following = await auditlog.page(filters, auditlog.reach(user), start, ROWS)
    except BadFilter as bad:
        why = str(bad)
    kept = {name: value for name, value in asked.items() if value}
    shown = {
        "here": "audit",
        "rows": [_told(row) for row in rows],
        "filters": asked,
        "filtered": bool(kept),
        "methods": METHODS,
        "results": RESULTS,
        "why": why,
        "query": urlencode(kept),
        "older": urlencode({**kept, "before": following}) if following else "",
        "begins": start is None,
    }
    return show(request, "audit.html", user, rights, shown, 400 if why else 200)


def _told(row: AuditRow) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(row.answer) if row.answer else {}
    asked: dict[str, Any] = json.loads(row.parameters) if row.parameters else {}
    problem = answer.get("problem") or {}
    return {
        "row": row,
        "result": row.result or "open",
        # Of a link the target names both ends.
        "to": "" if row.method.startswith("link.") else asked.get("to", ""),
        "parameters": json.dumps(asked, indent=1, ensure_ascii=False) if row.parameters else "",
        "problem": problem.get("text", ""),
        "answer": json.dumps({k: v for k, v in answer.items() if k not in ("problem", "status", "result")},
                             indent=1, ensure_ascii=False) if answer else "",
        "verdict": _VERDICTS.get(row.verdict, ""),
        "took": round((row.ended - row.at).total_seconds() * 1000) if row.ended else None,
    }  # fmt: skip
