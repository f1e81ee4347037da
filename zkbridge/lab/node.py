"""A node of the application cluster: the program that every node of the lab runs.

    python -m zkbridge.lab.node --zookeeper 127.0.0.1:2181 --name node-2 --records FILE

It takes part in a leader election and in a service registry, and it writes what it knows, when it knows it, to the file
of records (`zkbridge.records`). What the tree says is another matter: a node can be first in line and not know it yet.

The election. Every node makes an ephemeral sequential znode /election/c_N. The lowest number leads. Every other node
watches the one just ahead of it, and only that: when a node dies, one other wakes.

That is the chain. Nodes of the variant 'herd' all watch the leader, and meet elsewhere (`zkbridge.lab.variants`).

The registry. Every worker makes an ephemeral znode /service_registry/n_N that holds its address. A node that becomes
the leader removes its own entry, watches the others, and calls them (`zkbridge.lab.greeting`).

The work. A leader writes to a storage that refuses whoever was a leader before (`zkbridge.lab.storing`).

The workload, where there is one: see `zkbridge.lab.taskforce`.

Everything else happens on one thread, one event after another. kazoo's threads only put events into the inbox.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any

from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import KazooException, NoNodeError
from kazoo.protocol.states import EventType, WatchedEvent

from zkbridge.facts import hexadecimal
from zkbridge.lab.greeting import Door, greet
from zkbridge.lab.links import HOST
from zkbridge.lab.records import Writer
from zkbridge.lab.storing import Storing, Token
from zkbridge.lab.taskforce import FileJournal, Taskforce
from zkbridge.lab.variants import CHAIN, VARIANTS, Variant
from zkbridge.protocol.base import Hex
from zkbridge.records import Record, RecordKind
from zkbridge.znode import join, name_of, sequence_of

CANDIDATE, ENTRY = "c_", "n_"
SESSION_TIMEOUT = 4.0
"""Seconds that the node asks for: how long a dead node's znodes outlive it."""
GRACE = 2.0
"""Seconds for closing the session once the node is told to stop."""

log = logging.getLogger("node")


class Node:
    """``step`` handles one event. Events are ('state', KazooState), ('fired', path), ('members', path),
    ('greeted', path of the leader's candidate), ('fenced', a token and the later one that is held) and ('stop', None).

    ``storage``: host:port of the lab's storage, '' for none."""

    def __init__(
        self, client: KazooClient, name: str, records: Writer, variant: Variant = CHAIN, storage: str = "",
        journal: FileJournal | None = None,
    ) -> None:  # fmt: skip
        self.client, self.name, self.records, self.variant = client, name, records, variant
        self.tasks = Taskforce(client, name, self.say, journal, idle=variant is not CHAIN)
        self.inbox: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self.door = Door(lambda leader: self.inbox.put(("greeted", leader)))
        self.callers = ThreadPoolExecutor(8)
        self.storing = Storing(
            storage, name, variant.election, lambda token, held: self.inbox.put(("fenced", (token, held)))
        )
        self.session = 0
        self.running = True
        self.forget()

    def forget(self) -> None:
        """A new session owns nothing yet."""
        self.candidate = self.watched = self.entry = self.acknowledged = ""
        self.leads = False
        self.storing.end()
        self.settled = False
        self.tasks.forget()
        self.workers: list[str] = []
        self.greeted: set[str] = set()
        """Entries of the registry whose workers took note of this leader."""
        self.unsure: set[str] = set()
        """Parents under which a create may have succeeded although its answer never came."""

    def run(self) -> None:
        self.say("starting", pid=os.getpid())
        self.door.open()
        self.storing.open()
        self.client.add_listener(lambda state: self.inbox.put(("state", state)))
        self.client.start_async()
        while self.running:
            try:
                event = self.inbox.get(timeout=1.0)
            except Empty:
                event = ("tick", None)
            self.step(*event)

    def step(self, event: str, value: Any) -> None:
        try:
            getattr(self, f"on_{event}")(value)
        except KazooException as error:
            # Most often the connection was lost half-way. `settled` is false: the next event or tick tries again.
            log.warning("%s: %r", event, error)

    # The session

    def on_state(self, state: str) -> None:
        if state == KazooState.SUSPENDED:
            self.say("suspended")
        elif state == KazooState.LOST:
            self.say("lost")
            self.forget()
        elif self.client.client_id is not None:
            again = self.session not in (0, self.client.client_id[0])
            self.session = self.client.client_id[0]
            self.say("connected", session=hexadecimal(self.session), server=self.server(), again=again,
                     timeout=self.client._session_timeout, asked=int(SESSION_TIMEOUT * 1000))  # fmt: skip
            if again:
                self.forget()
            # kazoo drops all watches when a connection breaks: look again even if nothing else changed.
            self.settle()

    def on_tick(self, _: None) -> None:
        if not self.settled and self.client.connected:
            self.settle()
        elif self.leads:
            self.greet_workers()

    def on_stop(self, _: None) -> None:
        """Close the session: ZooKeeper deletes the ephemeral znodes at once."""
        self.say("stopping")
        self.running = False
        self.tasks.forget()
        self.client.stop()
        self.client.close()

    # The election

    def settle(self) -> None:
        """Find this node's place: make its candidate if it has none, then lead, or watch the one just ahead."""
        self.settled = False
        if not self.candidate:
            self.candidate = self.make(self.variant.election, CANDIDATE)
            self.say("joined", path=self.candidate)
        while True:
            queue = self.in_order(self.variant.election)
            if name_of(self.candidate) not in queue:
                # Somebody deleted it: join again, at the end.
                self.candidate, self.leads = "", False
                self.storing.end()
                return self.settle()
            place = queue.index(name_of(self.candidate))
            if place == 0:
                self.lead()
                break
            ahead = join(self.variant.election, queue[self.variant.watched(place)])
            if self.client.exists(ahead, watch=self.on_watch):
                self.follow(ahead)
                break
            # The one ahead vanished after it was listed: its watch would never fire. List again.
        self.settled = True
        return None

    def on_watch(self, event: WatchedEvent) -> None:
        """Runs on kazoo's thread. A watch also 'fires' with NONE when the connection breaks; that is no news of it."""
        if event.type != EventType.NONE:
            self.inbox.put(("fired", event.path))

    def on_fired(self, path: str) -> None:
        if path == self.watched:
            self.say("fired", path=path)
            self.watched = ""
            self.settle()

    def lead(self) -> None:
        if not self.leads:
            self.leads = True
            self.watched = ""
            self.say("elected", path=self.candidate)
            self.acknowledge(self.candidate)
        if not self.storing.works_as(self.candidate):
            self.storing.begin(self.candidate, self.token())
        if self.entry:
            with contextlib.suppress(NoNodeError):
                self.client.delete(self.entry)
            self.say("unregistered", path=self.entry)
            self.entry = ""
        self.on_members(self.variant.registry)

    def follow(self, ahead: str) -> None:
        self.watched = ahead
        self.say("watching", path=ahead)
        if not self.entry:
            self.entry = self.make(self.variant.registry, ENTRY, self.door.address.encode())
            self.say("registered", path=self.entry)
            self.tasks.work(self.entry)

    # The registry

    def on_members(self, _: str) -> None:
        """Only the leader watches the registry's children."""
        if self.leads:
            registry = self.variant.registry
            self.client.ensure_path(registry)
            self.workers = self.client.get_children(registry, watch=self.on_registry)
            self.say("members", count=len(self.workers))
            self.tasks.lead(self.candidate, self.workers)
            self.greet_workers()

    def on_registry(self, event: WatchedEvent) -> None:
        """Runs on kazoo's thread."""
        if event.type != EventType.NONE:
            self.inbox.put(("members", event.path))

    def greet_workers(self) -> None:
        """Call the workers that have not taken note yet. Calls run aside: a frozen worker delays nobody."""
        self.greeted.intersection_update(self.workers)
        for entry in set(self.workers) - self.greeted:
            with contextlib.suppress(NoNodeError):
                address = self.client.get(join(self.variant.registry, entry))[0].decode("utf-8", "replace")
                self.callers.submit(self.call, entry, address, self.candidate)

    def call(self, entry: str, address: str, candidate: str) -> None:
        if greet(address, candidate):
            self.greeted.add(entry)

    def on_greeted(self, leader: str) -> None:
        """The leader called."""
        self.acknowledge(leader)

    def acknowledge(self, leader: str) -> None:
        if leader != self.acknowledged:
            self.acknowledged = leader
            self.say("acknowledged", path=leader)

    # The work

    def token(self) -> Hex:
        """The czxid of this node's candidate: higher than that of any leader before."""
        stat = self.client.exists(self.candidate)
        if stat is None:
            raise NoNodeError
        return hexadecimal(stat.czxid)

    def on_fenced(self, what: tuple[Token, Hex]) -> None:
        """The storage refused a write: there was a later leader. Look where this node stands."""
        (candidate, token), held = what
        self.say("fenced", path=candidate, token=token, held=held)
        if candidate == self.candidate:
            self.leads = self.settled = False

    # Small things

    def make(self, parent: str, prefix: str, data: bytes = b"") -> str:
        """Create this session's znode under ``parent``, or find the one that a broken connection left unconfirmed."""
        if parent in self.unsure:
            for name in self.in_order(parent):
                stat = self.client.exists(join(parent, name))
                if stat is not None and stat.ephemeralOwner == self.session:
                    return join(parent, name)
        self.client.ensure_path(parent)
        self.unsure.add(parent)
        path = self.client.create(join(parent, prefix), data, ephemeral=True, sequence=True)
        self.unsure.discard(parent)
        return str(path)

    def in_order(self, parent: str) -> list[str]:
        """The sequential children of ``parent``, lowest number first. By number: names sort otherwise."""
        numbers = {name: number for name in self.client.get_children(parent)
                   if (number := sequence_of(name)) is not None}  # fmt: skip
        return sorted(numbers, key=numbers.__getitem__)

    def server(self) -> str:
        """host:port of the server that the session is on. kazoo has no public way to ask.

        A lab's servers are on 127.0.0.1; the address at which this node reaches them is its own, the port is theirs.
        """
        try:
            host, port = self.client._connection._socket.getpeername()[:2]
        except (AttributeError, OSError):
            return ""
        return f"{HOST if host.startswith('127.') else host}:{port}"

    def say(self, kind: RecordKind, **fields: Any) -> None:
        self.records.write(Record(at=time.time() * 1000, who=self.name, kind=kind, **fields))

    def stop(self, *_: object) -> None:
        """For SIGTERM. Should the ensemble not answer, the session is left to expire."""
        last_resort = threading.Timer(GRACE, os._exit, (1,))
        last_resort.daemon = True
        last_resort.start()
        self.inbox.put(("stop", None))


def main() -> None:
    parser = argparse.ArgumentParser(description="A node of the lab's application cluster.")
    parser.add_argument("--zookeeper", required=True, help="host:port,… of the ensemble")
    parser.add_argument("--name", required=True, help="the name that the node goes by, such as node-2")
    parser.add_argument("--records", required=True, help="file that the node appends its records to")
    parser.add_argument("--variant", choices=VARIANTS, default=CHAIN.name, help="whom a candidate watches")
    parser.add_argument("--storage", default="", help="host:port of the storage that a leader writes to")
    parser.add_argument("--journal", help="file that the node appends what becomes of each of its tasks to")
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s")
    retry = {"max_tries": -1, "delay": 0.1, "backoff": 2, "max_delay": 1.0}
    client = KazooClient(options.zookeeper, timeout=SESSION_TIMEOUT, connection_retry=retry)
    journal = FileJournal(options.journal, options.name) if options.journal else None
    node = Node(client, options.name, Writer(options.records), VARIANTS[options.variant], options.storage, journal)
    signal.signal(signal.SIGTERM, node.stop)
    signal.signal(signal.SIGINT, node.stop)
    node.run()


if __name__ == "__main__":
    main()
