"""Finds a Java runtime and ZooKeeper's jars on this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

DEBIAN = Path("/usr/share/java")
DEBIAN_JARS = ("zookeeper", "zookeeper-jute", "slf4j-simple", "servlet-api", "jetty9-server", "jetty9-servlet",
               "jetty9-util", "jetty9-util-ajax", "jackson-databind")  # fmt: skip
"""Those that the server needs, AdminServer included; the manifests of some name the rest."""

HOMEBREW = (Path("/opt/homebrew"), Path("/usr/local"), Path("/home/linuxbrew/.linuxbrew"))

ELSEWHERE = "Install a Java runtime, unpack ZooKeeper 3.6 or newer and set ZOOKEEPER_HOME to its folder"
INSTALL = f"{ELSEWHERE}; on Debian: apt-get install default-jre-headless libzookeeper-java libservlet-api-java"


class JavaMissing(Exception):
    """Raised when Java or ZooKeeper is not here; the text is one line that says what to install. ``what`` is missing,
    in a sentence."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} {INSTALL}")
        self.what = what


class Java(NamedTuple):
    """``java`` runs a class of ``classpath``. (This module needs no package: `.ci/need` asks it before any is here.)"""

    java: str
    classpath: str


def has_name_tables(java: str) -> bool:
    """Whether this runtime takes a table of names of its own (``jdk.net.hosts.file``): since JDK 9, whose predecessors
    call themselves 1.x. One that does not say its version is taken to be newer."""
    with contextlib.suppress(OSError):
        release = Path(java).resolve().parents[1].joinpath("release").read_text(errors="replace")
        return 'JAVA_VERSION="1.' not in release
    return True


def find(environ: Mapping[str, str] = os.environ) -> Java:
    """Look in JAVA_HOME and the path for Java; in ZOOKEEPER_HOME, Debian's folder and Homebrew for ZooKeeper."""
    return Java(_java(environ), _classpath(environ))


def _java(environ: Mapping[str, str]) -> str:
    home = environ.get("JAVA_HOME")
    if home:
        java = Path(home, "bin", "java")
        if java.exists():
            return str(java)
        raise JavaMissing(f"JAVA_HOME is {home!r}, but there is no bin/java in it.")
    for prefix in HOMEBREW:
        java = prefix / "opt/openjdk/bin/java"
        if java.exists():
            return str(java)
    found = shutil.which("java", path=environ.get("PATH"))
    if found is None:
        raise JavaMissing("Java is not installed.")
    return found


def _classpath(environ: Mapping[str, str]) -> str:
    home = environ.get("ZOOKEEPER_HOME")
    if home:
        for folder in _homes(Path(home)):
            return str(folder / "*")
        raise JavaMissing(f"ZOOKEEPER_HOME is {home!r}, but no zookeeper-*.jar is in its folder lib.")
    if (DEBIAN / "zookeeper.jar").exists():
        if not (DEBIAN / "servlet-api.jar").exists():
            raise JavaMissing("ZooKeeper is installed, but servlet-api.jar is not.")
        return ":".join(str(DEBIAN / f"{name}.jar") for name in DEBIAN_JARS)
    for prefix in HOMEBREW:
        for folder in _homes(prefix / "opt/zookeeper/libexec"):
            return str(folder / "*")
    raise JavaMissing("ZooKeeper is not installed.")


def _homes(home: Path) -> Iterator[Path]:
    """Folders of a ZooKeeper release that hold its jars."""
    for folder in (home / "lib", home / "libexec/lib", home):
        if any(folder.glob("zookeeper-[0-9]*.jar")):
            yield folder
