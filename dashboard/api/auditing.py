"""/api/audit: what people did, for those who may read it; as pages, and as files."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from ninja import Field, Query, Router, Schema

from dashboard import auditlog, errors, permissions
from dashboard.api.described import file_of
from dashboard.auditlog import BadFilter, Filters, Reach
from dashboard.errors import Refused

router = Router(tags=["audit"])

Text = Annotated[str, Field(max_length=4_096)]
Stream = Callable[[Filters, Reach], AsyncIterator[str]]


class RowsWanted(Schema):
    who: Text = ""
    method: Text = ""
    path: Text = ""
    """The znode, and what is below it; as a target, or as the place of a copy or a move."""
    result: Text = ""
    """'ok', 'failed', 'unknown' or 'open'"""
    since: Text = ""
    until: Text = ""
    """ISO 8601, UTC unless they say otherwise."""

    def filters(self) -> Filters:
        return Filters(**self.model_dump(include=set(Filters.__dataclass_fields__)))


class PageWanted(RowsWanted):
    before: Annotated[int, Field(ge=1, lt=1 << 63)] | None = None
    """``next`` of the page before."""
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class Row(Schema):
    """Times are ISO 8601; ``parameters`` and ``answer`` are as they were, of data only length and digest."""

    id: int
    at: str
    who: str
    via: str
    address: str
    method: str
    cluster: str
    target: str
    result: str
    code: str
    ended: str | None
    verdict: str
    found: str
    parameters: Any
    answer: Any


class Rows(Schema):
    rows: list[Row]
    next: int | None
    """What to send as ``before`` for older ones; null after the oldest."""


@router.get("/audit", response=Rows, summary="Rows of the audit log, newest first")
async def rows(request: HttpRequest, wanted: Query[PageWanted]) -> HttpResponse:
    reach = await _may(request)
    with _understood():
        listed, following = await auditlog.page(wanted.filters(), reach, wanted.before, wanted.limit)
    return JsonResponse({"rows": [auditlog.told(row) for row in listed], "next": following})


@router.get("/audit.csv", summary="The audit log as CSV", openapi_extra=file_of("text/csv"))
async def as_csv(request: HttpRequest, wanted: Query[RowsWanted]) -> Any:
    return await _file(request, wanted, auditlog.as_csv, "csv", "text/csv; charset=utf-8")


@router.get(
    "/audit.json", summary="The audit log as JSON", openapi_extra=file_of("application/json", {"type": "array"})
)
async def as_json(request: HttpRequest, wanted: Query[RowsWanted]) -> Any:
    return await _file(request, wanted, auditlog.as_json, "json", "application/json")


async def _file(
    request: HttpRequest, wanted: RowsWanted, stream: Stream, ending: str, kind: str
) -> StreamingHttpResponse:
    reach = await _may(request)
    with _understood():
        auditlog.found(wanted.filters(), reach)
    response = StreamingHttpResponse(stream(wanted.filters(), reach), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="audit.{ending}"'
    return response


async def _may(request: HttpRequest) -> Reach:
    """How much of the log is read; raise `Refused` for who may read none."""
    if "audit.read" not in await permissions.may(request.auth):
        words = "Nothing permits you audit.read, which this takes."
        usual = errors.problem("not-permitted", words, "Whoever manages people here can permit it.")
        raise Refused(permissions.beyond(request.auth, "audit.read") or usual)
    return auditlog.reach(request.auth)


class _understood:  # noqa: N801 - reads as a word
    """Turns a filter that cannot be meant into the answer."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, BadFilter):
            raise Refused(errors.problem("bad-request", str(error), "See /api/openapi.json.")) from None
