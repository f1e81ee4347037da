"""Finding Java and ZooKeeper."""

from pathlib import Path

import pytest

from zkbridge.lab import java


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A machine with Java and nothing else."""
    monkeypatch.setattr(java, "DEBIAN", tmp_path / "debian")
    monkeypatch.setattr(java, "HOMEBREW", (tmp_path / "brew",))
    (tmp_path / "jre/bin").mkdir(parents=True)
    (tmp_path / "jre/bin/java").touch()
    return {"JAVA_HOME": str(tmp_path / "jre"), "PATH": "/nowhere"}


def put(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_debian(runtime: dict[str, str], tmp_path: Path) -> None:
    put(tmp_path / "debian/zookeeper.jar")
    with pytest.raises(java.JavaMissing, match=r"servlet-api\.jar is not"):
        java.find(runtime)
    put(tmp_path / "debian/servlet-api.jar")
    assert "servlet-api.jar" in java.find(runtime).classpath


def test_zookeeper_home_comes_first(runtime: dict[str, str], tmp_path: Path) -> None:
    put(tmp_path / "debian/zookeeper.jar")
    put(tmp_path / "debian/servlet-api.jar")
    put(tmp_path / "zk/lib/zookeeper-3.9.3.jar")
    found = java.find(runtime | {"ZOOKEEPER_HOME": str(tmp_path / "zk")})
    assert found.classpath == str(tmp_path / "zk/lib/*")


def test_homebrew(runtime: dict[str, str], tmp_path: Path) -> None:
    put(tmp_path / "brew/opt/zookeeper/libexec/lib/zookeeper-3.9.3.jar")
    assert java.find(runtime).classpath == str(tmp_path / "brew/opt/zookeeper/libexec/lib/*")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "ZooKeeper is not installed"),
        ({"ZOOKEEPER_HOME": "/nowhere"}, "ZOOKEEPER_HOME is '/nowhere'"),
        ({"JAVA_HOME": "/nowhere"}, "JAVA_HOME is '/nowhere'"),
        ({"JAVA_HOME": ""}, "Java is not installed"),
    ],
)
def test_what_is_missing_is_said_in_one_line(runtime: dict[str, str], change: dict[str, str], words: str) -> None:
    with pytest.raises(java.JavaMissing) as missing:
        java.find(runtime | change)
    assert words in str(missing.value) and "apt-get install" in str(missing.value) and "\n" not in str(missing.value)


@pytest.mark.parametrize(("release", "knows"), [
    ('JAVA_VERSION="17.0.15"\n', True), ('IMPLEMENTOR="x"\nJAVA_VERSION="1.8.0_412"\n', False),
    ("", True), (None, True),
])  # fmt: skip
def test_tables_of_names_need_jdk_9(tmp_path: Path, release: str | None, knows: bool) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/java").touch()
    if release is not None:
        (tmp_path / "release").write_text(release)
    (tmp_path / "link").symlink_to(tmp_path / "bin/java")
    assert java.has_name_tables(str(tmp_path / "link")) is knows
