"""JSON Schema of every frame and topic value: ``python -m zkbridge.protocol.schema`` prints it.

The front end's types are made from it, and `docs/protocol.md` is held against it by a test.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from zkbridge.protocol import (
    alerts,
    ensemble,
    frames,
    groups,
    lab,
    plots,
    scenarios,
    search,
    servers,
    sessions,
    stage,
    status,
    story,
    workload,
    znodes,
)

MESSAGES: tuple[type, ...] = (
    frames.Subscribe, frames.Unsubscribe, frames.Ack,
    frames.Hello, frames.Beat, frames.Snapshot, frames.Delta, frames.Trouble,
    status.Status, ensemble.Ensemble, servers.Servers, lab.Lab, stage.Stage, groups.Groups,
    story.Story, story.Timeline, znodes.Children, znodes.Znode, znodes.Changes, search.Search,
    plots.Plots, alerts.Alerts, sessions.Sessions, sessions.Parting, scenarios.Scenarios, workload.Workload,
)  # fmt: skip


def schema() -> dict[str, Any]:
    """One schema whose definitions are the messages, by name; a closed object has no further fields."""
    _, definitions = msgspec.json.schema_components(MESSAGES, ref_template="#/definitions/{name}")
    for definition in definitions.values():
        definition["additionalProperties"] = False
        for name, field in definition.get("properties", {}).items():
            if name in ("data", "patch") and not field:
                field["type"] = "object"
            _drop_null(field)
    return {"title": "Protocol", "type": "object", "definitions": definitions, "additionalProperties": False}


def _drop_null(field: dict[str, Any]) -> None:
    """Absent fields are left out, never null: say the same of the type."""
    if "anyOf" in field:
        kinds = [kind for kind in field["anyOf"] if kind != {"type": "null"}]
        if len(kinds) == 1:
            del field["anyOf"]
            field.update(kinds[0])
        else:
            field["anyOf"] = kinds
    if field.get("default", ...) is None:
        del field["default"]


if __name__ == "__main__":
    json.dump(schema(), sys.stdout, indent=1)
    sys.stdout.write("\n")
