"""What /api/openapi.json says of every route alike: how somebody is known, and how it says no."""

from typing import Any

from django.conf import settings
from ninja import NinjaAPI, Schema

from dashboard.api import shapes
from dashboard.errors import HTTP_STATUS

NDJSON = "application/x-ndjson"
_BINARY = {"type": "string", "format": "binary"}

REFUSALS = sorted({str(status) for status in HTTP_STATUS.values() if status != 500})
"""A 500 is a defect, and no route is described as having one."""


class Described(NinjaAPI):
    def get_openapi_schema(self, **options: Any) -> Any:
        schema = super().get_openapi_schema(**options)
        parts = schema["components"]
        parts["schemas"] |= _definitions(shapes.Failure)
        parts["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer", "description": "Of a script, from /tokens."},
            "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
        }
        for verbs in schema["paths"].values():
            for operation in verbs.values():
                operation["security"] = [{"token": []}, {"session": []}]
                operation["responses"] |= dict.fromkeys(REFUSALS, _REFUSED)
        return schema

    def get_openapi_operation_id(self, operation: Any) -> str:
        """'znodes_create': where it is defined, without where that is."""
        view = operation.view_func
        return f"{view.__module__.rpartition('.')[2]}_{view.__name__.rstrip('_')}"


def file_of(kind: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """For a route that answers with a file of this content type."""
    return {"responses": {200: {"content": {kind: {"schema": schema or _BINARY}}}}}


def takes_file(kind: str) -> dict[str, Any]:
    """For a route whose body is a file of this content type."""
    return {"requestBody": {"content": {kind: {"schema": _BINARY}}, "required": True}}


def _definitions(model: type[Schema]) -> dict[str, Any]:
    found = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**found.pop("$defs", {}), model.__name__: found}


_REFUSED = {
    "description": "Nothing was done, or it is not known what was; the problem says why.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}},
}
