"""What people set in the environment or behind a command, and where pages are served."""

import io
import socket
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from zkbridge.lab import options, site
from zkbridge.lab.servers import SIZES
from zkbridge.lab.terminal import Terminal


@pytest.mark.parametrize("text", ["2", "-3", "three", "3.0", "٣", "999999999", "3 5"])
def test_a_bad_number_is_named_with_what_is_allowed(text: str) -> None:
    with pytest.raises(options.BadOption, match=r"SERVERS is .*; it must be one of 1, 3, 5, 7\."):
        options.number({"SERVERS": text}, "SERVERS", 3, SIZES)


def test_ranges_are_said_as_ranges() -> None:
    with pytest.raises(options.BadOption, match="NODES is '41'; it must be a whole number from 0 to 40"):
        options.number({"NODES": "41"}, "NODES", 5, range(41))


@pytest.mark.parametrize(("environ", "found"), [({}, 3), ({"SERVERS": ""}, 3), ({"SERVERS": " 5 "}, 5)])
def test_numbers(environ: dict[str, str], found: int) -> None:
    assert options.number(environ, "SERVERS", 3, SIZES) == found


@pytest.mark.parametrize("text", ["63", "65537", "-1", "1e3", "1,024", "all"])
def test_the_bridge_keeps_no_more_and_no_less_of_data_than_is_allowed(text: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=rf"--preview is '{text}'; it must be a whole number from 64 to 65536\."):
        call_command("bridge", f"--preview={text}", "--zookeeper=zoo", f"--socket={tmp_path / 'socket'}")


def test_a_busy_port_is_named_and_another_one_taken() -> None:
    out = io.StringIO()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        busy = holder.getsockname()[1]
        address = site.listen("127.0.0.1", busy, Terminal(out))
        address.listener.close()
    assert address.port > busy
    assert f"Port {busy} is busy; taking {address.port}." in out.getvalue()


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid", "2001:db8::1"])
def test_a_host_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(site.Failed, match=f"HOST is '{host}'"):
        site.listen(host, 8000, Terminal(io.StringIO()))


def test_origins() -> None:
    with socket.socket() as unused:
        assert site.Address("127.0.0.1", 80, unused).origins == "http://127.0.0.1:80,http://localhost:80"
        assert site.Address("::1", 80, unused).base == "http://[::1]:80"
        every = site.Address("0.0.0.0", 80, unused)
    assert every.base in every.origins.split(",") and "http://127.0.0.1:80" in every.origins.split(",")


def test_a_terminal_that_was_closed_is_no_failure() -> None:
    out = io.StringIO()
    out.close()
    Terminal(out).say("nobody reads this")
