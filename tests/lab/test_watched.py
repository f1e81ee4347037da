"""What a site's processes read of its clusters, and which of them gets which secret."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from dashboard import clusters
from zkbridge.lab.program import Program, ProgramProcess
from zkbridge.lab.watched import watched, write
from zkbridge.protocol.clusters import Cluster, Sasl, Tls, Webhook
from zkbridge.protocol.rules import Rule

ONE = Cluster("a", "zk1", "A", digest_env="DIGEST", tls=Tls("/ca"), allow_changes=True, protected=("/h",), preview=64)
TWO = Cluster(
    "b", "zk2", "B", sasl=Sasl("DIGEST-MD5", "u", password_env="PASSWORD"), webhook=Webhook(url_env="HOOK"),  # noqa: S106
    history="/kept", alerts={"slow": Rule("latency", "info", hold=3, above=5), "none": Rule("no-quorum")},
)  # fmt: skip


def test_it_is_read_as_it_was_written_by_its_owner_alone(tmp_path: Path) -> None:
    both = watched((ONE, TWO), Path("/run"))
    path = write(tmp_path, both)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and list(tmp_path.iterdir()) == [path]
    assert clusters.read(path) == tuple(one.cluster for one in both)
    assert set(json.loads(path.read_text())) == {"clusters"}


def test_names_sockets_and_secrets() -> None:
    (alone,) = watched((ONE,), Path("/run"))
    assert (alone.program, alone.cluster.socket, alone.secrets) == ("bridge", "/run/bridge.sock", ("DIGEST",))
    one, two = watched((ONE, TWO), Path("/run"))
    assert (one.program, one.cluster.socket) == ("bridge-a", "/run/bridge-1.sock")
    assert (two.program, two.cluster.socket, two.secrets) == ("bridge-b", "/run/bridge-2.sock", ("PASSWORD", "HOOK"))


def test_a_program_does_not_get_the_secrets_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIRS", "hidden")
    monkeypatch.setenv("OURS", "shown")
    show = "import os; print(sorted(os.environ))"
    program = Program("p", "helper", [sys.executable, "-c", show], tmp_path / "log", {"OWN": "1"}, ("THEIRS",))
    process = ProgramProcess.__new__(ProgramProcess)
    process.watcher = type("W", (), {"program": program})()
    process.spawn()
    assert process._worker.wait(30) == 0
    seen = (tmp_path / "log").read_text()
    assert "'OWN'" in seen and "'OURS'" in seen and "THEIRS" not in seen and "THEIRS" in os.environ
