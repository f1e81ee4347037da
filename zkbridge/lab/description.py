"""What other processes must know of a lab: ``lab.json`` in its run directory."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from zkbridge.facts import Member

NAME = "lab.json"


class LabDescription(msgspec.Struct, frozen=True):
    """Written before the bridge is started; ``hosts`` and ``members`` change with the lab's servers, all else is fixed
    for its life."""

    name: str
    """What the cluster is called on the page."""
    tick: int
    """tickTime of the servers, ms."""
    hosts: str
    """The connect string."""
    members: tuple[Member, ...]
    """Servers that the lab has: that one belongs to the ensemble is said by /zookeeper/config."""
    records: str
    """Path of the file of records."""
    endpoint: str
    """Where the supervisor takes commands (`zkbridge.lab.client.LabClient`)."""
    most: int = 40
    """Nodes that may run at a time."""
    network: bool = False
    """Whether its links can be cut (`zkbridge.lab.network`)."""


class NoLab(Exception):
    """Raised when a run directory has no readable description; the text says which and why."""


def write(run_dir: Path, description: LabDescription) -> None:
    """Put the description there whole: a reader sees all of it or none."""
    draft = run_dir / f"{NAME}.new"
    draft.write_bytes(msgspec.json.encode(description))
    os.replace(draft, run_dir / NAME)


def read(run_dir: Path | str) -> LabDescription:
    path = Path(run_dir, NAME)
    try:
        return msgspec.json.decode(path.read_bytes(), type=LabDescription)
    except (OSError, msgspec.DecodeError) as error:
        raise NoLab(f"There is no lab in {run_dir}: {path.name} cannot be read ({error}).") from None
