"""Run directories, and what is cleaned up of those left behind."""

import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.ensemble import SCALE
from zkbridge.lab import rundir
from zkbridge.lab.ports import is_free
from zkbridge.lab.registry import Registry, Started, end, start_of


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


def test_a_process_has_one_start_and_a_dead_one_has_none() -> None:
    process = sleeper()
    try:
        assert start_of(process.pid) == start_of(process.pid) != start_of(os.getpid())
    finally:
        process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert start_of(process.pid) == "", "a zombie runs no more"
    process.wait()
    assert start_of(process.pid) == ""


HEADLESS = """
import ctypes, socket, threading, time
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
ctypes.CDLL(None).pthread_exit(None)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_a_process_whose_first_thread_alone_has_ended_still_holds_its_port() -> None:
    process = subprocess.Popen([sys.executable, "-c", HEADLESS], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        deadline = time.monotonic() + 5
        while Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert not is_free("127.0.0.1", port)
        assert start_of(process.pid), "it has not ended yet"
    finally:
        process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert start_of(process.pid) == "" and is_free("127.0.0.1", port)
    process.wait()


def test_only_the_very_process_is_ended(tmp_path: Path) -> None:
    ours, foreign = sleeper(), sleeper()
    try:
        registry = Registry(tmp_path / "processes")
        registry.add("node-1", ours.pid)
        assert end([Started("node-2", foreign.pid, "another start")]) == []
        assert [started.name for started in end(registry.alive())] == ["node-1"]
        ours.wait(5 * SCALE)
        assert registry.alive() == [] and foreign.poll() is None
    finally:
        for process in (ours, foreign):
            process.kill()
            process.wait()


def test_a_registry_that_was_cut_short_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "processes")
    assert registry.alive() == []
    registry.add("node-1", os.getpid())
    with registry.path.open("ab") as file:
        file.write(b'{"name":"node-2","pi')
    assert [started.pid for started in registry.alive()] == [os.getpid()]


def test_two_live_side_by_side_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("kept")
    (tmp_path / "notes").mkdir()
    one, _ = rundir.create(tmp_path, "demo")
    two, ended = rundir.create(tmp_path, "demo")
    assert one.path != two.path and one.path.exists() and ended == []
    assert stat.S_IMODE(one.path.stat().st_mode) == 0o700
    two.remove()
    one.remove()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".lock", "notes", "secret-key"]


def test_a_directory_whose_lock_nobody_holds_is_removed(tmp_path: Path) -> None:
    left, _ = rundir.create(tmp_path, "demo")
    os.close(left._lock)
    (left.path / "server-1").mkdir()
    (left.path / "elsewhere").symlink_to("/usr")
    rundir.create(tmp_path, "demo")
    assert not left.path.exists() and Path("/usr/bin").exists()


def test_logs_of_failed_runs_are_kept_but_not_for_ever(tmp_path: Path) -> None:
    for _ in range(rundir.KEPT_LOGS + 2):
        run, _ = rundir.create(tmp_path, "demo")
        (run.logs / "web.log").write_text("why")
        (run.path / "lab.json").touch()
        run.remove(keep_logs=True)
    assert [entry.name for entry in run.path.iterdir()] == ["logs"]
    rundir.create(tmp_path, "demo")[0].remove()
    assert sum(entry.is_dir() for entry in tmp_path.iterdir()) == rundir.KEPT_LOGS


def test_sockets_have_paths_that_the_system_takes(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    run, _ = rundir.create(deep, "demo")
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(run.sockets / "supervisor.sock"))
        assert stat.S_IMODE(run.sockets.stat().st_mode) == 0o700
    finally:
        run.remove()
    assert not run.sockets.exists()


def test_what_the_web_process_keeps_is_held_by_one_run_and_outlives_it(tmp_path: Path) -> None:
    one, _ = rundir.create(tmp_path, "serve")
    one.keep_web(8000)
    (one.web / "secret-key").write_text("of one")
    two, _ = rundir.create(tmp_path, "serve")
    with pytest.raises(rundir.BadHome, match="Another dashboard that runs keeps its people in .*kept-8000. Set PORT"):
        two.keep_web(8000)
    two.keep_web(8001)
    (two.web / "secret-key").write_text("of two")
    assert rundir.webs(tmp_path) == [one.web, two.web]
    one.remove()
    assert rundir.webs(tmp_path) == [two.web], "the one that lives"
    two.remove()
    assert rundir.webs(tmp_path) == [tmp_path / "kept-8000/web", tmp_path / "kept-8001/web"]
    three, ended = rundir.create(tmp_path, "serve")
    three.keep_web(8000)
    assert ended == [] and (three.web / "secret-key").read_text() == "of one"
    three.remove()


def test_a_place_where_nothing_can_be_kept_is_named(tmp_path: Path) -> None:
    run, _ = rundir.create(tmp_path, "serve")
    (tmp_path / "kept-8000").write_text("")
    with pytest.raises(rundir.BadHome, match="People cannot be kept in .*kept-8000: .*Set ZOOSCOPE_HOME"):
        run.keep_web(8000)
    run.remove()
