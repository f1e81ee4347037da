"""The battery's reading of transaction logs, against servers that write them."""

from __future__ import annotations

import pytest

from tests.battery.transactions import committed
from tests.integration.conftest import Factory
from tests.integration.ensemble import SCALE, RunningEnsemble

pytestmark = pytest.mark.ensemble


def test_every_kind_of_change_is_read_with_its_zxid(ensemble: RunningEnsemble) -> None:
    with ensemble.client() as client:
        _, top = client.create("/log", b"1", include_data=True)
        first, second = (client.set("/log", b"2") for _ in range(2))
        name, child = client.create("/log/s-", sequence=True, include_data=True)
        failed = client.transaction()
        failed.create("/log/never")
        failed.delete("/log/nothing")
        assert isinstance(failed.commit()[1], Exception)
        multi = client.transaction()
        multi.create("/log/m")
        multi.delete(name)
        multi.set_data("/log", b"3")
        third = multi.commit()[2]
        with ensemble.client() as owner:
            _, ephemeral = owner.create("/log/e", ephemeral=True, include_data=True)
        last = client.set("/log", b"4")

        found = [op for op in committed([ensemble.home(server) for server in "123"]) if op.path.startswith("/log")]
        ended = found[-2]
        assert ephemeral.czxid < ended.zxid < last.mzxid
        assert all(op.certain for op in found)
        assert [(op.kind, op.path, op.zxid, op.version) for op in found] == [
            ("created", "/log", top.czxid, 0),
            ("data", "/log", first.mzxid, 1),
            ("data", "/log", second.mzxid, 2),
            ("created", name, child.czxid, 0),
            ("created", "/log/m", third.mzxid, 0),
            ("deleted", name, third.mzxid, 0),
            ("data", "/log", third.mzxid, 3),
            ("created", "/log/e", ephemeral.czxid, 0),
            ("deleted", "/log/e", ended.zxid, 0),
            ("data", "/log", last.mzxid, 4),
        ]


def test_a_server_that_zookeeper_never_starts_again_rejoins_and_its_log_is_read(make_ensemble: Factory) -> None:
    """A long run of the battery ended with it: 'The current epoch, 1c, is older than the last zxid'."""
    ensemble = make_ensemble(3)
    with ensemble.client() as client:
        client.create("/log")
    server = next(one for one in ensemble.processes if one != ensemble.leader())
    ensemble.kill(server)
    (ensemble.home(server) / "data/version-2/currentEpoch").write_text("0")
    ensemble.launch(server)
    ensemble.processes[server].wait(20 * SCALE)
    ensemble.wait_until_serving()
    with ensemble.client() as client:
        last = client.set("/log", b"1")
    for home in (ensemble.home(one) for one in ensemble.processes):
        assert ("created", "/log") in [(op.kind, op.path) for op in committed([home])], home
    assert committed([ensemble.home(one) for one in "123"])[-1].zxid >= last.mzxid
