"""Curator's two caches, where Debian's libcurator-recipes-java and a JDK are installed."""

from __future__ import annotations

import shutil
from pathlib import Path

from zkbridge.lab.java import find

JARS = Path("/usr/share/java")
PROGRAM = Path(__file__).with_name("Curator.java")
PATIENCE = 150
"""Seconds after which a cache that is not done is given up."""

KINDS = ("TreeCache", "CuratorCache")


def commands(hosts: str) -> dict[str, list[str]]:
    """How to run each cache, by its name; none where they are not installed."""
    curator = [JARS / f"{name}.jar" for name in ("curator-recipes", "curator-framework", "curator-client", "guava")]
    if not all(jar.exists() for jar in curator) or shutil.which("javac") is None:
        return {}
    java = find()
    classpath = ":".join([java.classpath, *map(str, curator)])
    options = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "-cp", classpath, str(PROGRAM)]
    return {f"Curator's {kind}": [java.java, *options, kind, hosts, str(PATIENCE)] for kind in KINDS}
