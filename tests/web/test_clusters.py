"""Which clusters there are, as the web process reads it, and which a request is about."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import RequestFactory

from dashboard import clusters
from zkbridge.protocol.clusters import Cluster
from zkbridge.protocol.configuration import BadConfig


def test_a_file_of_clusters_and_where_their_sockets_are(tmp_path: Path) -> None:
    file = tmp_path / "z.toml"
    file.write_text("[clusters.a]\nzookeeper='zk'\n[clusters.b]\nzookeeper='zk'\nsocket='b.socket'")
    found = clusters.load({"ZOOSCOPE_CONFIG": str(file)}, "", Path("/no"), Path("/run"))
    assert [cluster.socket for cluster in found] == ["/run/a.sock", f"{tmp_path}/b.socket"]
    as_json = tmp_path / "z.json"
    as_json.write_text('{"clusters": {"a": {"zookeeper": "zk"}}}')
    assert clusters.read(as_json) == (Cluster("a", "zk", "a"),)


def test_without_a_file_there_is_the_one_of_the_environment() -> None:
    (found,) = clusters.load({"ZOOSCOPE_PROTECTED": "/a"}, "my zoo", Path("/run/b.sock"), Path("/run"))
    assert found == Cluster("my-zoo", "", "my zoo", socket="/run/b.sock", protected=("/a",))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("z.toml", None, "cannot be read: No such file or directory."),
        ("z.toml", b"\xff", "is not a text in UTF-8."),
        ("z.toml", b"a = ", "is not TOML: Invalid value (at end of document)."),
        ("z.json", b"{", "is not JSON."),
        ("z.json", b"[" * 200_000, "is not JSON."),
        ("z.json", b"[]", "is not a table of clusters."),
        ("z.toml", b"#" * (clusters.LARGEST + 1), "bytes; 1048576 are allowed."),
    ],
)
def test_a_file_that_cannot_be_read_is_named(name: str, content: bytes | None, words: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BadConfig) as caught:
        clusters.read(tmp_path / name)
    assert str(caught.value).startswith(str(tmp_path / name)) and str(caught.value).endswith(words)


def test_a_request_is_about_the_cluster_of_its_address_else_the_first() -> None:
    request = RequestFactory().get("/")
    assert clusters.of(request) == settings.CLUSTERS[0]
    request.scope = {"cluster": Cluster("other")}  # type: ignore[attr-defined]
    assert clusters.of(request).name == "other"
