"""A real server that demands certificates and a SASL user, and the bridge's session with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kazoo.security import make_digest_acl

from tests.integration.ensemble import RunningEnsemble
from tests.integration.mirroring import clock, mirroring
from tests.integration.secured import NETTY, SecuredServer, secured
from tests.zookeeper.certificates import Authority
from zkbridge.lab.servers import HOST
from zkbridge.protocol.clusters import Cluster, Sasl, Tls
from zkbridge.zookeeper.ending import NotEnded, end
from zkbridge.zookeeper.identity import Identity
from zkbridge.zookeeper.probes import Prober
from zkbridge.zookeeper.tls import Armour

pytestmark = [
    pytest.mark.ensemble,
    pytest.mark.skipif(not all(jar.exists() for jar in NETTY), reason="libnetty-java, for TLS, is not installed"),
]

PASSWORD = 'a "quoted\\ pass=word, of ours'  # noqa: S105
"""Nothing that a digest, a list of values or a quotation would trip over may spoil it."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredServer]:
    """Demands SASL, and on its secure port a certificate."""
    folder = tmp_path_factory.mktemp("secured")
    with secured(folder, Authority(folder / "ca"), password=PASSWORD, demands=True) as running:
        yield running


@pytest.fixture
def cluster(server: SecuredServer, tmp_path: Path) -> Cluster:
    """All that the server demands."""
    assert server.authority is not None
    own = map(str, server.authority.issue("bridge"))
    (tmp_path / "password").write_text(PASSWORD + "\n")
    (tmp_path / "digest").write_text("ann:hers\n")
    return Cluster(
        "secured", f"{HOST}:{server.secure}", tls=Tls(str(server.authority.ca), *own),
        sasl=Sasl("DIGEST-MD5", "zooscope", str(tmp_path / "password")), digest_file=str(tmp_path / "digest"),
    )  # fmt: skip


def coming(cluster: Cluster) -> dict[str, Any]:
    return {"tls": Armour(cluster.tls) if cluster.tls is not None else None, "identity": Identity(cluster)}


@pytest.mark.parametrize("port", ["secure", "plain"])
async def test_the_mirror_lives_with_all_that_is_demanded(server: SecuredServer, cluster: Cluster, port: str) -> None:
    if port == "plain":
        cluster = Cluster("plain", f"{HOST}:{server.plain}", sasl=cluster.sasl)
    async with mirroring(cluster.zookeeper, **coming(cluster)) as m:
        await m.live()
        assert "/zookeeper" in m.tree
        # A connection that is lost is made anew, with all of it, in the same session.
        session = m.session.id
        m.session.drop("the test wants another one")
        await m.live(epoch=2)
        assert m.session.id == session


async def test_probes_ask_the_secure_port(server: SecuredServer, cluster: Cluster) -> None:
    async with mirroring(cluster.zookeeper, **coming(cluster)) as m:
        await m.live()
        prober = Prober(lambda: m.mirror.members, clock, tls=Armour(cluster.tls or Tls()))
        try:
            (probe,) = await prober.round()
        finally:
            await prober.close()
        assert (probe.mode, probe.reason, probe.member.port) == ("standalone", "", server.secure)


async def refused(cluster: Cluster) -> str:
    async with mirroring(cluster.zookeeper, **coming(cluster)) as m:
        await m.until("a problem", lambda: m.mirror.facts.problem)
        problem = m.mirror.facts.problem
        assert problem is not None and problem.hint and not m.mirror.live
        assert PASSWORD not in problem.text
        return f"{problem.code}: {problem.text}"


async def test_who_does_not_authenticate_is_told(server: SecuredServer) -> None:
    words = await refused(Cluster("nobody", f"{HOST}:{server.plain}"))
    assert words == f"auth-refused: {HOST}:{server.plain}: it demands credentials that the bridge has not shown."


async def test_a_wrong_password_is_told(server: SecuredServer, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("wrong")
    sasl = Sasl("DIGEST-MD5", "zooscope", str(tmp_path / "wrong"))
    words = await refused(Cluster("wrong", f"{HOST}:{server.plain}", sasl=sasl))
    assert words.startswith(f"auth-refused: {HOST}:{server.plain}: it refused the bridge's credentials (SASL DIGEST")


async def test_a_file_that_is_gone_is_told_and_its_return_is_enough(server: SecuredServer, tmp_path: Path) -> None:
    file = tmp_path / "password"
    cluster = Cluster("late", f"{HOST}:{server.plain}", sasl=Sasl("DIGEST-MD5", "zooscope", str(file)))
    async with mirroring(cluster.zookeeper, **coming(cluster)) as m:
        await m.until("a problem", lambda: m.mirror.facts.problem)
        problem = m.mirror.facts.problem
        assert problem is not None and f"because of sasl.password_file: {file} cannot be read" in problem.text
        file.write_text(PASSWORD)
        await m.live()


@pytest.mark.parametrize(("tls", "code"), [("none", "tls-port"), ("no certificate", "client-certificate")])
async def test_a_secure_port_without_tls_or_certificate(
    server: SecuredServer, cluster: Cluster, tls: str, code: str
) -> None:
    assert server.authority is not None
    files = None if tls == "none" else Tls(str(server.authority.ca))
    assert (await refused(Cluster("bare", cluster.zookeeper, tls=files))).startswith(f"{code}: ")


async def test_tls_to_a_plain_port(server: SecuredServer, cluster: Cluster) -> None:
    words = await refused(Cluster("mixed up", f"{HOST}:{server.plain}", tls=cluster.tls, sasl=cluster.sasl))
    assert words.startswith("plain-port: ")


async def test_the_digest_opens_what_is_locked_to_others(ensemble: RunningEnsemble, tmp_path: Path) -> None:
    (tmp_path / "digest").write_text("ann:hers")
    with ensemble.client() as client:
        client.create("/locked", b"hers", acl=[make_digest_acl("ann", "hers", all=True)])
        try:
            for digest in ("", str(tmp_path / "digest")):
                cluster = Cluster("a", ensemble.hosts, digest_file=digest)
                async with mirroring(ensemble.hosts, **coming(cluster)) as m:
                    await m.live()
                    found = m.tree.get("/locked")
                    assert found is not None and found.locked == (not digest)
                    assert found.data == (b"hers" if digest else b"")
        finally:
            client.delete("/locked")


@pytest.mark.parametrize("port", ["secure", "plain"])
async def test_another_session_is_ended_with_all_that_is_demanded(
    server: SecuredServer, cluster: Cluster, port: str
) -> None:
    if port == "plain":
        cluster = Cluster("plain", f"{HOST}:{server.plain}", sasl=cluster.sasl)
    at = server.secure if port == "secure" else server.plain
    async with mirroring(cluster.zookeeper, **coming(cluster)) as m:
        await m.live()
        before = m.session.id
        with pytest.raises(NotEnded):
            # Nobody in particular: the server closes nothing for them.
            await end(before, HOST, at, 6_000, clock, lambda: None, Armour(cluster.tls) if cluster.tls else None)
        closed = await end(
            before, HOST, at, 6_000, clock, lambda: None, Armour(cluster.tls) if cluster.tls else None,
            Identity(cluster),
        )  # fmt: skip
        assert closed.server == f"{HOST}:{at}"
        await m.until("another session", lambda: m.mirror.live and m.session.id != before)
