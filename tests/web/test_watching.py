"""What serve and bridge are told to watch, and that nothing is begun where it cannot be used."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from dashboard.management import watching
from zkbridge.protocol.clusters import Cluster
from zkbridge.protocol.configuration import BadConfig
from zkbridge.zookeeper.hosts import BadHosts

NOTHING: dict[str, Any] = {"config": "", "zookeeper": "", "name": "", "preview": "", "allow_changes": False}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ZOOSCOPE_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)


def chosen(**options: Any) -> tuple[Cluster, ...]:
    return watching.chosen(**NOTHING | options)


def refusal(**options: Any) -> str:
    with pytest.raises(BadConfig) as caught:
        chosen(**options)
    return str(caught.value)


def test_one_cluster_by_options_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(zookeeper="zk1:2181/a") == (Cluster("zk1-2181", "zk1:2181/a", "zk1:2181"),)
    (found,) = chosen(zookeeper="zk", name="My zoo", preview="64", allow_changes=True)
    assert found == Cluster("My-zoo", "zk", "My zoo", allow_changes=True, preview=64)
    assert chosen(zookeeper="zk", history="kept")[0].history == str(Path.cwd() / "kept")
    monkeypatch.setenv("ZOOSCOPE_ZOOKEEPER", "zk9")
    monkeypatch.setenv("ZOOSCOPE_DIGEST", "ann:hers")
    monkeypatch.setenv("ZOOSCOPE_PREVIEW", "128")
    assert chosen() == (Cluster("zk9-2181", "zk9", "zk9:2181", digest_env="ZOOSCOPE_DIGEST", preview=128),)


def test_several_of_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "z.toml"
    file.write_text("[clusters.a]\nzookeeper='zk1'\n[clusters.b]\nzookeeper='zk2'")
    monkeypatch.setenv("ZOOSCOPE_CONFIG", str(file))
    assert [cluster.name for cluster in chosen()] == ["a", "b"] == [c.name for c in chosen(config=str(file))]
    assert [cluster.name for cluster in chosen(zookeeper="zk")] == ["zk-2181"], "what is typed goes before"
    for option in ("zookeeper", "name", "preview", "history", "allow_changes"):
        assert f"--{option.replace('_', '-')} is said in the file" in refusal(config=str(file), **{option: "x"})


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("zookeeper='zk:no'", "[clusters.a], zookeeper: 'no' in 'zk:no' is no port"),
        ("zookeeper='zk'\ntls={ca='ca.pem'}", "[clusters.a.tls], ca: {folder}/ca.pem cannot be read: No such file"),
        ("zookeeper='zk'\ndigest_file='d'", "[clusters.a], digest_file: {folder}/d cannot be read"),
        ("zookeeper='zk'\ndigest_env='ABSENT'", "[clusters.a], digest_env: the variable ABSENT of the environment"),
        ("zookeeper='zk'\nsasl={mechanism='DIGEST-MD5', user='u', password_file='p'}",
         "[clusters.a.sasl], password_file: {folder}/p cannot be read"),
        ("zookeeper='zk'\nwebhook={url_env='ABSENT'}", "[clusters.a.webhook], url_env: the variable ABSENT of the"),
        ("zookeeper='zk'\nwebhook={url_env='HOME'}", "[clusters.a.webhook], url_env: HOME holds no address"),
    ],
)  # fmt: skip
def test_what_the_file_names_is_looked_at(lines: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "z.toml").write_text(f"[clusters.a]\n{lines}")
    said = refusal(config=str(tmp_path / "z.toml"))
    assert said.startswith(f"{tmp_path}/z.toml, {words.format(folder=tmp_path)}")


def test_what_the_environment_names_is_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZOOSCOPE_TLS_CA", "ca.pem")
    assert refusal(zookeeper="zk").startswith(f"ZOOSCOPE_TLS_CA: {tmp_path}/ca.pem cannot be read")
    monkeypatch.delenv("ZOOSCOPE_TLS_CA")
    assert refusal().startswith("Say which clusters to watch")
    with pytest.raises(BadHosts):
        chosen(zookeeper="zk:no")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--cluster", "nobody's"], "There is no cluster \"nobody's\"; there are zookeeper."),
        (["--zookeeper", "zk"], "--socket is needed"),
        ([], "names an empty host"),
    ],
)
def test_a_bridge_that_cannot_begin_says_why(options: list[str], words: str) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("bridge", *options)
    assert words in str(caught.value)


@pytest.mark.parametrize("place", ["/proc/nope", "{folder}/file"])
def test_a_folder_of_plots_that_cannot_be_written_is_refused_before_anything_starts(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    place = place.format(folder=tmp_path)
    why = "no such file or directory" if place.startswith("/proc") else "file exists"
    alternatives = (why, "not a directory")
    told = refusal(zookeeper="zk", history=place)
    assert told.startswith(f"ZOOSCOPE_HISTORY: the folder {place} cannot be written: ")
    assert any(words in told for words in alternatives)
    file = tmp_path / "z.toml"
    file.write_text(f"[clusters.a]\nzookeeper='zk'\nhistory='{place}'")
    assert f"[clusters.a], history: the folder {place} cannot be written" in refusal(config=str(file))
    with pytest.raises(CommandError, match=f"history: the folder {place} cannot be written"):
        call_command("bridge", zookeeper="zk", history=place, socket=tmp_path / "b.sock")


def test_a_full_disk_is_no_reason_not_to_begin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(**where: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    assert chosen(zookeeper="zk", history=str(tmp_path / "kept"))[0].history == str(tmp_path / "kept")
