"""The one-liners of README.md and docs/curl.md: run by bash, in their order, they print what stands below them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from kazoo.client import KazooClient

from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for
from tests.integration.person import Person
from tests.integration.stack import ROOT, Stack

ABSENT = [tool for tool in ("bash", "curl", "jq") if shutil.which(tool) is None]

pytestmark = [
    pytest.mark.ensemble,
    pytest.mark.timeout(120 * SCALE),
    pytest.mark.skipif(bool(ABSENT), reason=f"not installed: {', '.join(ABSENT)}; .ci/need curl jq installs them"),
]

SCOPES = ("znode.create", "znode.set", "znode.delete", "znode.acl", "subtree.delete", "subtree.import",
          "subtree.export", "session.expire", "audit.read")  # fmt: skip

END = "\x1e"
"""Which the shell prints after each block."""

_BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


def blocks(document: str) -> list[tuple[str, str]]:
    """Commands, and what they print; `…` in it is whatever it is."""
    return _BLOCK.findall(document)  # type: ignore[no-any-return]


def section(document: str, heading: str) -> str:
    found = re.search(rf"^## {heading}\n(.*?)(?=^## )", document, re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found[1]


README = blocks(section((ROOT / "README.md").read_text(), "From a shell"))
DOCUMENT = blocks((ROOT / "docs" / "curl.md").read_text())


class Shell:
    """One bash in ``home``. In place of curl it has one that writes its arguments down before it is curl."""

    def __init__(self, home: Path, origin: str, token: str) -> None:
        self._home = home
        self._count = 0
        (home / "token").write_text(token + "\n")
        tools = home / "tools"
        tools.mkdir()
        (tools / "curl").write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" >>{home}/arguments\nexec {shutil.which("curl")} "$@"\n'
        )
        (tools / "curl").chmod(0o755)
        environment = {
            "PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(home), "LC_ALL": "C.UTF-8",
            "ORIGIN": origin, "TOKEN_FILE": str(home / "token"),
        }  # fmt: skip
        self._process = subprocess.Popen(
            ["bash", "--norc", "--noprofile"], cwd=home, env=environment, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    @property
    def arguments(self) -> str:
        """All that curl was ever given."""
        return (self._home / "arguments").read_text()

    def run(self, commands: str) -> str:
        """What they print, errors among it."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._count += 1
        script = self._home / f"block-{self._count}"
        script.write_text(commands)
        self._process.stdin.write(f". {script} </dev/null\nprintf '\\036'\n")
        self._process.stdin.flush()
        said = ""
        while not said.endswith(END):
            letter = self._process.stdout.read(1)
            assert letter, f"bash has ended: {said}"
            said += letter
        return said.removesuffix(END)

    def znodes(self) -> int:
        """How many the bridge's tree has."""
        return int(json.loads(self.run("zk '/api/subtree?path=/'"))["znodes"])

    def owns(self, session: int) -> bool:
        """Whether the bridge knows that the session has an ephemeral."""
        return "true" in self.run(f"zk /api/sessions/0x{session:x} | jq '.owns != null'")

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def shell(stack: Stack, tmp_path: Path) -> Iterator[Shell]:
    Person(stack.links["operator"])  # who is there from their first visit on
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    token = stack.manage("people", "token", "operator", "--for", "curl", *scopes).strip()
    shell = Shell(tmp_path, stack.origin, token)
    yield shell
    shell.close()
    assert "Authorization" not in shell.arguments and token not in shell.arguments
    assert "-H\n@/dev/fd/" in shell.arguments, "it was looked at the wrong arguments"


def there(client: KazooClient, top: str = "/") -> list[str]:
    found = []
    for name in sorted(client.get_children(top)):
        path = f"{top.rstrip('/')}/{name}"
        found += [path, *there(client, path)]
    return found


def test_each_one_liner_prints_what_the_document_says(
    stack: Stack, shell: Shell, ensemble: RunningEnsemble
) -> None:
    assert len(README) == 2 and len(DOCUMENT) > 10, "the documents are read wrongly"
    with ensemble.client() as client, ensemble.client() as worker:
        for commands, printed in [*README, *DOCUMENT]:
            if "/app/worker" in commands:
                worker.create("/app/worker", ephemeral=True)
                wait_for("it is known whose it is", lambda: shell.owns(worker.client_id[0]))
            said = shell.run(commands)
            expected = ".*".join(map(re.escape, printed.split("…")))
            assert re.fullmatch(expected, said), f"{commands}printed\n{said}and was to print\n{printed}"
            client.sync("/")
            known = 1 + len(there(client))
            wait_for("the bridge's tree has caught up", lambda known=known: shell.znodes() == known)
        left = [path for path in there(client) if not path.startswith("/zookeeper")]
        assert left == ["/app", "/app/db", "/app/db/eu", "/app/db/eu/primary", "/app/job-0000000000"]
