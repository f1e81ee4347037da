"""The bridge comes by Kerberos to a real server, with tickets of a real KDC. `make test-kerberos` installs both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.kerberos import Realm, present, realm
from tests.integration.mirroring import mirroring
from tests.integration.secured import SecuredServer, secured
from zkbridge.protocol.clusters import Cluster, Sasl
from zkbridge.zookeeper.identity import Identity

pytestmark = [
    pytest.mark.ensemble,
    pytest.mark.skipif(not present(), reason="krb5-kdc, krb5-user or the package gssapi is not installed"),
]


@pytest.fixture(scope="module")
def kerberos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    with realm(tmp_path_factory.mktemp("kerberos")) as made, pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment.items():
            patch.setenv(name, value)
        yield made


@pytest.fixture(scope="module")
def server(kerberos: Realm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredServer]:
    """Lets nobody in but who comes by SASL."""
    options = (f"-Djava.security.krb5.conf={kerberos.configuration}",)
    folder = tmp_path_factory.mktemp("server")
    with secured(folder, demands=True, jaas=kerberos.jaas, options=options) as running:
        yield running


@pytest.fixture
def cluster(server: SecuredServer) -> Cluster:
    return Cluster("kerberos", f"localhost:{server.plain}", sasl=Sasl("GSSAPI"))


async def test_the_mirror_lives_by_a_ticket(kerberos: Realm, cluster: Cluster) -> None:
    kerberos.ticket()
    async with mirroring(cluster.zookeeper, identity=Identity(cluster)) as m:
        await m.live()
        assert "/zookeeper" in m.tree
        session = m.session.id
        m.session.drop("the test wants another connection")
        await m.live(epoch=2)
        assert m.session.id == session


async def test_no_ticket_is_told_and_one_that_comes_is_enough(kerberos: Realm, cluster: Cluster) -> None:
    kerberos.no_ticket()
    async with mirroring(cluster.zookeeper, identity=Identity(cluster)) as m:
        await m.until("a problem", lambda: m.mirror.facts.problem)
        problem = m.mirror.facts.problem
        assert problem is not None and problem.code == "auth-refused" and "Kerberos says: " in problem.text
        assert not m.mirror.live
        kerberos.ticket()
        await m.live()


async def test_a_service_that_the_realm_does_not_know_is_told(kerberos: Realm, cluster: Cluster) -> None:
    kerberos.ticket()
    other = Cluster("kerberos", cluster.zookeeper, sasl=Sasl("GSSAPI", service="elsewhere"))
    async with mirroring(other.zookeeper, identity=Identity(other)) as m:
        await m.until("a problem", lambda: m.mirror.facts.problem)
        problem = m.mirror.facts.problem
        assert problem is not None and problem.code == "auth-refused" and "elsewhere" in problem.text, problem


async def test_with_a_client_keytab_nobody_has_to_get_a_ticket(
    kerberos: Realm, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    kerberos.no_ticket()
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", str(kerberos.folder / "client.keytab"))
    async with mirroring(cluster.zookeeper, identity=Identity(cluster)) as m:
        await m.live()
