"""The plan of an ensemble and its zoo.cfg."""

from pathlib import Path

import pytest

from zkbridge.lab.java import Java
from zkbridge.lab.rights import draw
from zkbridge.lab.servers import SIZES, Ensemble, configuration, plan


def settings(ensemble: Ensemble, number: int) -> dict[str, str]:
    return dict(line.split("=", 1) for line in configuration(ensemble, number).splitlines())


@pytest.mark.parametrize("size", SIZES)
def test_every_server_has_ports_of_its_own(tmp_path: Path, size: int) -> None:
    ensemble = plan(tmp_path, size)
    ports = [port for own in ensemble.ports for port in (own.client, own.quorum, own.election, own.admin)]
    assert len(ports) == len(set(ports)) == 4 * size
    assert [member.id for member in ensemble.members] == [str(number) for number in range(1, size + 1)]
    assert ensemble.hosts.count(",") == size - 1


def test_servers_listen_on_loopback_only(tmp_path: Path) -> None:
    ensemble = plan(tmp_path, 3)
    for number in (1, 2, 3):
        found = settings(ensemble, number)
        own = ensemble.ports[number - 1]
        assert found["admin.serverAddress"] == "127.0.0.1" and found["admin.serverPort"] == str(own.admin)
        assert found[f"server.{number}"] == f"127.0.0.1:{own.quorum}:{own.election}:participant;127.0.0.1:{own.client}"
        assert sum(key.startswith("server.") for key in found) == 3
        assert "clientPort" not in found


def test_one_server_is_an_ensemble_that_can_grow(tmp_path: Path) -> None:
    found = settings(plan(tmp_path, 1), 1)
    assert found["standaloneEnabled"] == "false" and found["reconfigEnabled"] == "true"
    assert [key for key in found if key.startswith("server.")] == ["server.1"]


def test_a_server_that_is_added_is_told_of_the_members_and_itself(tmp_path: Path) -> None:
    ensemble = plan(tmp_path, 3).grown()
    assert len(ensemble.ports) == 4 and ensemble.ports[3].client not in {own.client for own in ensemble.ports[:3]}
    ensemble.write_one(4, {2: ensemble.seat(2), 4: ensemble.seat(4, "observer")})
    found = dict(line.split("=", 1) for line in (ensemble.home(4) / "zoo.cfg").read_text().splitlines())
    assert sorted(key for key in found if key.startswith("server.")) == ["server.2", "server.4"]
    assert ":observer;127.0.0.1:" in found["server.4"]
    assert (ensemble.home(4) / "data/myid").read_text() == "4\n"


def test_the_super_users_digest_is_told_and_its_password_is_not(tmp_path: Path) -> None:
    user = draw()
    command = plan(tmp_path, 1, super_digest=user.digest).command(1, Java("/bin/java", "a.jar"))
    assert f"-Dzookeeper.DigestAuthenticationProvider.superDigest={user.digest}" in command
    assert user.password not in " ".join(command) and draw() != user


def test_a_session_of_four_seconds_is_within_the_servers_limits(tmp_path: Path) -> None:
    tick = int(settings(plan(tmp_path, 3), 1)["tickTime"])
    assert 2 * tick <= 4_000 <= 20 * tick


def test_files_are_written_where_the_command_looks(tmp_path: Path) -> None:
    ensemble = plan(tmp_path / "with space", 3)
    ensemble.write()
    for number in (1, 2, 3):
        command = ensemble.command(number, Java("/bin/java", "a.jar"))
        assert command[0] == "/bin/java" and Path(command[-1]).read_text() == configuration(ensemble, number)
        assert (Path(settings(ensemble, number)["dataDir"]) / "myid").read_text().strip() == str(number)


def test_a_folder_with_a_newline_in_its_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="control character"):
        configuration(plan(tmp_path / "a\nadmin.serverAddress=0.0.0.0", 1), 1)
