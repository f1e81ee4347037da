"""Curator's two caches, where Debian's libcurator-recipes-java and a JDK are installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure
from zkbridge.lab.java import find

JARS = Path("/usr/share/java")
PROGRAM = Path(__file__).with_name("Curator.java")
PATIENCE = 60
"""Seconds after which a cache that is not done is given up."""


def beside(hosts: str, ours: float, planted: int) -> list[Figure]:
    """How many times as slow as ours, ``ours`` seconds for ``planted`` znodes, the caches are."""
    curator = [JARS / f"{name}.jar" for name in ("curator-recipes", "curator-framework", "curator-client", "guava")]
    if not all(jar.exists() for jar in curator) or shutil.which("javac") is None:
        print("Curator's caches are left out: libcurator-recipes-java or a JDK is not installed.")
        return []
    java = find()
    classpath = ":".join([java.classpath, *map(str, curator)])
    options = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "-cp", classpath, str(PROGRAM)]
    figures = []
    for kind in ("TreeCache", "CuratorCache"):
        ran = subprocess.run(
            [java.java, *options, kind, hosts, str(PATIENCE)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            check=True,
        )  # fmt: skip
        said: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        words = f"  Curator's {kind}, times as slow"
        if not said["whole"]:
            words += ", given up before it was done"
        elif said.get("znodes", planted) < planted:
            words += f", and it holds only {said['znodes']:,}"
        figures.append(Figure(words, said["seconds"] / ours, "x"))
    return figures
