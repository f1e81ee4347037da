"""What nodes said, kept by path until it is told."""

from __future__ import annotations

from zkbridge.records import Record
from zkbridge.views.evidence import Evidence


def test_tasks_of_a_dead_worker_that_were_handed_on_in_several_steps_are_all_counted() -> None:
    evidence = Evidence()
    evidence.note(Record(1.0, "node-2", "registered", path="/service_registry/n_1"), "")
    for at, count in ((5.0, 4), (20.0, 3), (21.0, 2)):
        evidence.note(Record(at, "node-1", "reassigned", path="/assign/n_1", count=count), "")
    assert evidence.reassigned("node-2", 0.0) == 9
    assert evidence.reassigned("node-2", 10.0) == 5, "what was of an earlier end does not count"
    assert evidence.reassigned("node-3", 0.0) == 0
