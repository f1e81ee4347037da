"""Whole sentences: what each scenario tells, word for word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.views.world import World
from zkbridge.facts import SessionFacts, hexadecimal
from zkbridge.protocol.base import Problem


def ask(world: World, who: str, action: str) -> None:
    world.say(who, "asked", action=f"node.{action}", by="ada")
    world.wait(3)


def kill(world: World, who: str) -> None:
    ask(world, who, "kill")
    world.say(who, "exited", signal=9)


def inherit(world: World, heir: str, gone: str) -> None:
    """``heir``'s watch fires and it learns that it leads."""
    world.say(heir, "fired", path=world.candidates[gone])
    world.say(heir, "elected", path=world.candidates[heir])


def relink(world: World, who: str, gone: str, ahead: str) -> None:
    world.say(who, "fired", path=world.candidates[gone])
    world.say(who, "watching", path=world.candidates[ahead])


def opening(w: World) -> str:
    return w.nodes(5).last


def opening_alone(w: World) -> str:
    return w.nodes(1).last


def opening_of_many(w: World) -> str:
    return w.nodes(12).last


def kill_leader_waiting(w: World) -> str:
    kill(w.nodes(5), "node-1")
    return w.wait(1000).last


def kill_leader(w: World) -> str:
    kill_leader_waiting(w)
    w.wait(3200)
    w.expire("node-1")
    inherit(w, "node-2", "node-1")
    return w.wait(20_000).last


def kill_leader_at_work(w: World) -> str:
    kill_leader_waiting(w)
    w.wait(3200)
    w.expire("node-1")
    inherit(w, "node-2", "node-1")
    w.wait(2_000)
    w.say("node-2", "inherited", path=w.candidates["node-2"], count=12)
    return w.wait(20_000).last


def kill_middle_at_work(w: World) -> str:
    entry = w.nodes(5).entries["node-3"].rpartition("/")[2]
    kill(w, "node-3")
    w.wait(4200)
    w.expire("node-3")
    relink(w, "node-4", "node-3", "node-2")
    w.say("node-1", "reassigned", path=f"/assign/{entry}", count=7)
    return w.wait(20_000).last


def kill_leader_tree_only(w: World) -> str:
    kill_leader_waiting(w)
    w.wait(3200)
    w.expire("node-1")
    return w.wait(20_000).last


def kill_middle(w: World) -> str:
    kill(w.nodes(5), "node-3")
    w.wait(4200)
    w.expire("node-3")
    relink(w, "node-4", "node-3", "node-2")
    return w.last


def kill_middle_tree_only(w: World) -> str:
    kill(w.nodes(5), "node-3")
    w.wait(4200)
    w.expire("node-3")
    return w.last


def kill_last_from_outside(w: World) -> str:
    w.nodes(5).say("node-5", "exited", signal=9)
    w.wait(5100)
    w.expire("node-5")
    return w.last


def kill_only_node(w: World) -> str:
    kill(w.nodes(1), "node-1")
    w.wait(4200)
    w.expire("node-1")
    return w.last


def stop_asked(w: World) -> str:
    ask(w.nodes(5), "node-1", "stop")
    return w.last


def stop_leader(w: World) -> str:
    stop_asked(w)
    w.say("node-1", "stopping")
    w.wait(6)
    w.expire("node-1")
    inherit(w, "node-2", "node-1")
    w.wait(20)
    w.say("node-1", "exited", code=0)
    return w.last


def stop_from_outside(w: World) -> str:
    w.nodes(2).say("node-2", "stopping")
    w.expire("node-2")
    w.say("node-2", "exited", code=0)
    return w.last


def crash(w: World) -> str:
    w.nodes(5).say("node-3", "exited", code=1)
    w.wait(4000)
    w.expire("node-3")
    relink(w, "node-4", "node-3", "node-2")
    return w.last


def crash_by_signal(w: World) -> str:
    w.nodes(2).say("node-2", "exited", signal=11)
    return w.last


def crash_before_joining(w: World) -> str:
    w.nodes(2).start("node-3")
    w.wait(500)
    w.say("node-3", "exited", code=1)
    return w.last


def pause(w: World) -> str:
    ask(w.nodes(5), "node-3", "pause")
    return w.wait(1200).last


def resume_in_time(w: World) -> str:
    pause(w)
    w.say("node-3", "asked", action="node.resume")
    return w.wait(20_000).last


def stop_just_after_a_resume(w: World) -> str:
    pause(w)
    w.say("node-3", "asked", action="node.resume")
    w.wait(50)
    ask(w, "node-3", "stop")
    w.say("node-3", "stopping")
    w.expire("node-3")
    w.wait(2000)
    assert w.story[-2].endswith("in time: its session lives on.")
    return w.last


def pause_leader_too_long(w: World) -> str:
    ask(w.nodes(5), "node-1", "pause")
    w.wait(4297)
    w.expire("node-1")
    inherit(w, "node-2", "node-1")
    return w.wait(3000).last


def zombie(w: World) -> str:
    pause_leader_too_long(w)
    w.say("node-1", "asked", action="node.resume")
    w.wait(5)
    w.say("node-1", "suspended")
    w.say("node-1", "lost")
    w.wait(20)
    w.connect("node-1", again=True)
    w.join("node-1")
    return w.wait(30_000).last


def zombie_without_a_word(w: World) -> str:
    pause_leader_too_long(w)
    w.say("node-1", "asked", action="node.resume")
    return w.last


def zombie_much_later(w: World) -> str:
    ask(w.nodes(5), "node-3", "pause")
    w.wait(4297)
    w.expire("node-3")
    w.wait(10_000)
    kill(w, "node-5")
    w.wait(4000)
    w.expire("node-5")
    w.wait(60_000)
    w.say("node-3", "asked", action="node.resume")
    w.wait(5)
    w.say("node-3", "lost")
    w.connect("node-3", again=True)
    w.join("node-3")
    return w.wait(5000).last


def resume_too_late(w: World) -> str:
    ask(w.nodes(3), "node-3", "pause")
    w.wait(4000)
    w.say("node-3", "asked", action="node.resume")
    w.wait(2)
    w.expire("node-3")
    return w.last


def kill_while_paused(w: World) -> str:
    ask(w.nodes(5), "node-1", "pause")
    w.wait(1000)
    kill(w, "node-1")
    w.wait(3000)
    w.expire("node-1")
    return w.last


def add(w: World) -> str:
    w.nodes(5).start("node-6")
    return w.last


def added(w: World) -> str:
    add(w)
    w.join("node-6")
    return w.last


def added_tree_only(w: World) -> str:
    add(w)
    w.join("node-6", quiet=True)
    return w.wait(10_000).last


def added_to_none(w: World) -> str:
    kill_only_node(w)
    w.wait(1000)
    w.start("node-2")
    w.join("node-2")
    return w.last


def deleted_by_hand(w: World) -> str:
    w.nodes(5).delete(w.candidates["node-2"])
    relink(w, "node-3", "node-2", "node-1")
    return w.last


def network_loss(w: World) -> str:
    w.nodes(5).say("node-3", "suspended")
    w.wait(4000)
    w.expire("node-3")
    w.wait(200)
    w.say("node-3", "lost")
    w.connect("node-3", again=True)
    w.join("node-3")
    return w.last


def server_killed(w: World) -> str:
    w.nodes(2).say("server-1", "asked", action="server.kill")
    w.wait(3)
    w.say("server-1", "exited", signal=9)
    w.wait(400)
    w.probe(s1="")
    return w.wait(5000).last


def leading_server_killed_waiting(w: World) -> str:
    w.nodes(2).say("server-2", "asked", action="server.kill")
    w.wait(3)
    w.say("server-2", "exited", signal=9)
    w.wait(400)
    w.probe(s1="looking", s2="", s3="looking")
    return w.last


def leading_server_killed(w: World) -> str:
    leading_server_killed_waiting(w)
    w.wait(800)
    for node in ("node-1", "node-2"):
        w.say(node, "suspended")
        w.say(node, "connected", session=hexadecimal(w.sessions[node]), server="127.0.0.1:2181")
    w.probe(6, s1="follower", s3="leader")
    return w.wait(20_000).last


def leading_server_killed_and_all_dropped(w: World) -> str:
    w.nodes(5).probe(s1="leader", s2="follower")
    w.wait(20_000)
    w.say("server-1", "exited", signal=9)
    for number in range(1, 6):
        w.say(f"node-{number}", "suspended")
    w.wait(900)
    for number in range(1, 6):
        session = hexadecimal(w.sessions[f"node-{number}"])
        w.say(f"node-{number}", "connected", session=session, server="127.0.0.1:2182")
    w.probe(6, s1="", s2="leader")
    return w.last


def server_killed_under_zooscope(w: World) -> str:
    w.nodes(2).say("server-1", "exited", signal=9)
    w.scene.on_session(SessionFacts("stale", w.now, 1), w.now)
    assert w.last.endswith("Zooscope lost its own connection with it (2).")
    w.wait(200)
    w.probe(s1="")
    w.scene.on_session(SessionFacts("live", w.now, 2), w.now)
    return w.wait(10_000).last


def two_servers_killed_under_zooscope(w: World) -> str:
    w.nodes(2)
    for server in ("1", "2"):
        w.say(f"server-{server}", "asked", action="server.kill")
        w.say(f"server-{server}", "exited", signal=9)
    w.scene.on_session(SessionFacts("stale", w.now, 1), w.now)
    w.wait(200)
    w.probe(s1="", s2="", s3="looking")
    w.wait(8_000)
    w.probe(6, s1="follower", s2="follower", s3="leader")
    w.scene.on_session(SessionFacts("live", w.now, 2), w.now)
    w.wait(10_000)
    return next(sentence for sentence in w.story if sentence.startswith("server 2 was killed"))


def server_started(w: World) -> str:
    leading_server_killed(w)
    w.say("server-2", "asked", action="server.start")
    w.say("server-2", "spawned", pid=7)
    w.wait(900)
    w.probe(6, s2="follower")
    return w.wait(20_000).last


def server_ended_by_itself(w: World) -> str:
    w.nodes(2).say("server-3", "exited", code=1)
    return w.last


def foreign_server_down(w: World) -> str:
    w.nodes(2).probe(s3="")
    return w.wait(5000).last


def foreign_server_back(w: World) -> str:
    foreign_server_down(w)
    w.probe(s3="follower")
    return w.wait(5000).last


def quorum_lost(w: World) -> str:
    w.nodes(2).probe(s1="")
    w.wait(400)
    w.probe(s2="", s3="looking")
    w.scene.on_session(SessionFacts("stale", w.now, 1), w.now)
    return w.last


def quorum_regained(w: World) -> str:
    quorum_lost(w)
    w.wait(12_000)
    w.probe(6, s1="follower", s3="leader")
    w.wait(500)
    return w.last


def ensemble_elects(w: World) -> str:
    w.nodes(2).probe(6, s1="leader", s2="follower")
    return w.last


def gap(w: World) -> str:
    w.nodes(3).scene.on_session(SessionFacts("stale", w.now, 1), w.now)
    return w.last


def gap_without_changes(w: World) -> str:
    gap(w)
    w.wait(3200)
    w.scene.on_session(SessionFacts("live", w.now, 2), w.now)
    return w.wait(20_000).last


def gap_with_changes(w: World) -> str:
    gap(w)
    w.wait(3200)
    entries = w.delete(w.candidates["node-2"], w.entries["node-2"], tell=False, found=True)
    w.scene.on_session(SessionFacts("live", w.now, 2), w.now)
    w.tell(entries)
    return w.wait(20_000).story[-2]


def found_gone(w: World) -> str:
    gap_with_changes(w)
    return w.last


def died_in_a_gap(w: World) -> str:
    gap(w)
    kill(w, "node-1")
    w.wait(6000)
    entries = w.expire("node-1", tell=False, found=True)
    w.scene.on_session(SessionFacts("live", w.now, 2), w.now)
    w.tell(entries)
    return w.wait(20_000).last


def created(w: World) -> str:
    w.nodes(1).put("/config", b"x")
    return w.last


def written(w: World) -> str:
    created(w)
    w.wait(40_000)
    w.put("/config", b"y")
    return w.last


def written_often(w: World) -> str:
    written(w)
    for _ in range(13):
        w.wait(500)
        w.put("/config", b"y")
    return w.last


def deleted(w: World) -> str:
    created(w)
    w.wait(40_000)
    w.delete("/config")
    return w.last


def burst(w: World) -> str:
    w.nodes(1).put("/tasks")
    for number in range(119):
        w.put(f"/tasks/task-{number}")
    w.wait(1300)
    w.delete("/tasks/task-1", "/tasks/task-2", "/tasks/task-3")
    return w.last


def hostile(w: World) -> str:
    w.nodes(1).put("/<img src=x onerror=alert(1)>\u202egnp." + "x" * 90)
    return w.last


STORIES: list[tuple[Callable[[World], str], str]] = [
    (opening, "node-1 leads the election at /election (1); node-2, node-3, node-4 and node-5 stand in line behind it. "
              "The ensemble of 3 servers is led by server 2 (2); it needs 2 of 3, can lose 1."),
    (opening_alone, "node-1 leads the election at /election (1), alone. "
                    "The ensemble of 3 servers is led by server 2 (2); it needs 2 of 3, can lose 1."),
    (opening_of_many, "node-1 leads the election at /election (1); node-2 is next, and 10 more nodes stand in line. "
                      "The ensemble of 3 servers is led by server 2 (2); it needs 2 of 3, can lose 1."),
    (kill_leader_waiting, "node-1 was killed (1). Its session lives on: ZooKeeper waits 4 s for a sign of life before "
                          "it deletes c_0000000000."),
    (kill_leader, "node-1 was killed (1). Its session lived on for 4.2 s (2); then ZooKeeper deleted c_0000000000 (3), "
                  "node-2's watch fired (4), and it now leads (5)."),
    (kill_leader_at_work, "node-1 was killed (1). Its session lived on for 4.2 s (2); then ZooKeeper deleted "
                          "c_0000000000 (3), node-2's watch fired (4), and it now leads (5); 12 unfinished tasks were "
                          "taken over."),
    (kill_leader_tree_only, "node-1 was killed (1). Its session lived on for 4.2 s (2); then ZooKeeper deleted "
                            "c_0000000000 (3), and node-2 now leads (4)."),
    (kill_middle_at_work, "node-3 was killed (1). Its session lived on for 4.2 s (2); then ZooKeeper deleted "
                          "c_0000000002 (3), and node-4's watch fired (4): it now watches node-2 (5). node-1 still "
                          "leads. Its 7 unfinished tasks were handed to others."),
    (kill_middle, "node-3 was killed (1). Its session lived on for 4.2 s (2); then ZooKeeper deleted c_0000000002 (3), "
                  "and node-4's watch fired (4): it now watches node-2 (5). node-1 still leads."),
    (kill_middle_tree_only, "node-3 was killed (1). Its session lived on for 4.2 s (2); then ZooKeeper deleted "
                            "c_0000000002 (3). node-1 still leads."),
    (kill_last_from_outside, "node-5 was killed from outside Zooscope (1). Its session lived on for 5.1 s (2); then "
                             "ZooKeeper deleted c_0000000004 (3). It was last in line; node-1 still leads."),
    (kill_only_node, "node-1 was killed (1). Its session lived on for 4.2 s (2); then ZooKeeper deleted "
                     "c_0000000000 (3), and nobody leads."),
    (stop_asked, "node-1 is being stopped (1)."),
    (stop_leader, "node-1 was stopped (1). It closed its session (2), so ZooKeeper deleted c_0000000000 at once (3), "
                  "node-2's watch fired (4), and it now leads (5)."),
    (stop_from_outside, "node-2 was stopped from outside Zooscope (1). It closed its session (2), so ZooKeeper deleted "
                        "c_0000000001 at once (3). It was last in line; node-1 still leads."),
    (crash, "node-3 ended by itself, with exit code 1 (1). Its session lived on for 4.0 s (2); then ZooKeeper deleted "
            "c_0000000002 (3), and node-4's watch fired (4): it now watches node-2 (5). node-1 still leads."),
    (crash_by_signal, "node-2 was ended by signal 11 (1). Its session lives on: ZooKeeper waits 4 s for a sign of life "
                      "before it deletes c_0000000001."),
    (crash_before_joining, "node-3 ended by itself, with exit code 1 (1) before it had joined the election."),
    (pause, "node-3 was paused (1). Unless ZooKeeper hears from it within 4 s, its session expires and c_0000000002 is "
            "deleted."),
    (resume_in_time, "node-3 was paused (1) and resumed 1.2 s later (2), in time: its session lives on."),
    (stop_just_after_a_resume, "node-3 was stopped (1). It closed its session (2), so ZooKeeper deleted c_0000000002 "
                               "at once (3). node-1 still leads."),
    (pause_leader_too_long, "node-1 was paused (1). ZooKeeper heard nothing more from it: after 4.3 s its session "
                            "expired (2) and c_0000000000 was deleted (3), node-2's watch fired (4), and it now "
                            "leads (5)."),
    (zombie, "node-1 was paused (1). ZooKeeper heard nothing more from it: after 4.3 s its session expired (2) and "
             "c_0000000000 was deleted (3), node-2's watch fired (4), and it now leads (5). node-1 was resumed (6) as "
             "a zombie: it took itself for the leader until, 5 ms later, it learnt that its session had expired (7) "
             "and joined again as c_0000000005 (8), 5th in line."),
    (zombie_without_a_word, "node-1 was paused (1). ZooKeeper heard nothing more from it: after 4.3 s its session "
                            "expired (2) and c_0000000000 was deleted (3), node-2's watch fired (4), and it now "
                            "leads (5). node-1 was resumed (6) as a zombie whose session had expired."),
    (zombie_much_later, "node-3 was resumed (1) as a zombie: its session had expired 1 min 14 s before. It learnt so "
                        "5 ms later (2) and joined again as c_0000000005 (3), 4th in line."),
    (resume_too_late, "node-3 was paused (1) and resumed 4.0 s later (2), but too late: its session expired (3) and "
                      "ZooKeeper deleted c_0000000002 (4). It was last in line; node-1 still leads."),
    (kill_while_paused, "node-1 was paused (1), then killed 1.0 s later (2). Its session lived on for 3.0 s (3); then "
                        "ZooKeeper deleted c_0000000000 (4), and node-2 now leads (5)."),
    (add, "node-6 was started (1)."),
    (added, "node-6 was started (1) and joined the election as c_0000000005 (2): 6th in line, it watches node-5 (3)."),
    (added_tree_only, "node-6 was started (1) and joined the election as c_0000000005 (2), 6th in line behind node-5."),
    (added_to_none, "node-2 was started (1) and joined the election as c_0000000001 (2). Nobody is ahead of it, so it "
                    "leads (3)."),
    (deleted_by_hand, "c_0000000001 of node-2 was deleted (1), while its session lives on, and node-3's watch "
                      "fired (2): it now watches node-1 (3), which still leads."),
    (network_loss, "node-3's session ended (1): ZooKeeper deleted c_0000000002 (2) and 1 more znode of its own. node-1 "
                   "still leads. node-3 learnt that its session was gone (3) and joined again as c_0000000005 (4), "
                   "5th in line."),
    (server_killed, "server 1 was killed (1). server 2 still leads the ensemble. The quorum holds: it needs 2 of 3, "
                    "can lose none."),
    (leading_server_killed_waiting, "server 2 was killed (1). It led the ensemble, which has to elect another "
                                    "leader: until then nothing can be written."),
    (leading_server_killed, "server 2 was killed (1). It led the ensemble; server 3 was seen leading it 1.2 s later, "
                            "in epoch 6 (2). The quorum holds: it needs 2 of 3, can lose none. node-1 and node-2 were "
                            "connected to it and went on with other servers, their sessions kept (3)."),
    (leading_server_killed_and_all_dropped, "server 1 was killed from outside Zooscope (1). It led the ensemble; "
                                            "server 2 was seen leading it 900 ms later, in epoch 6 (2). The quorum "
                                            "holds: it needs 2 of 3, can lose none. 5 nodes lost their connections "
                                            "meanwhile and went on, their sessions kept (3)."),
    (server_killed_under_zooscope, "server 1 was killed from outside Zooscope (1). server 2 still leads the ensemble. "
                                   "The quorum holds: it needs 2 of 3, can lose none. Zooscope itself saw nothing for "
                                   "200 ms (2)."),
    (two_servers_killed_under_zooscope, "server 2 was killed (1), and the ensemble lost its quorum (2): 1 of 3 "
                                        "servers answered, and it needs 2. There was no quorum for 8.0 s. server 1 did "
                                        "not answer either. Zooscope "
                                        "itself saw nothing for 8.2 s (3)."),
    (server_started, "server 2 was started again (1) and was seen following server 3 900 ms later (2). The quorum "
                     "holds: it needs 2 of 3, can lose 1."),
    (server_ended_by_itself, "server 3 ended by itself, with exit code 1 (1). server 2 still leads the ensemble."),
    (foreign_server_down, "server 3 no longer answers (1): connection refused. server 2 still leads the ensemble. The "
                          "quorum holds: it needs 2 of 3, can lose none."),
    (foreign_server_back, "server 3 answers again, following server 2 (1). The quorum holds: it needs 2 of 3, can lose "
                          "1."),
    (quorum_lost, "server 2 no longer answers (1), and the ensemble lost its quorum (2): 1 of 3 servers answers, and "
                  "it needs 2. Until it is back nothing can be read or written. server 1 does not answer either."),
    (quorum_regained, "The quorum is back after 12.0 s (1): server 1 answers again (2), and server 3 was elected (3), "
                      "epoch 6."),
    (ensemble_elects, "The ensemble elected another leader: server 1, in epoch 6 (1). Before, it was server 2."),
    (gap, "Zooscope lost its connection to the ensemble (1). What is shown is from before, until it is back."),
    (gap_without_changes, "Zooscope lost its connection to the ensemble (1) and saw nothing for 3.2 s (2). Nothing was "
                          "found different afterwards."),
    (gap_with_changes, "Zooscope lost its connection to the ensemble (1) and saw nothing for 3.2 s (2). 2 changes were "
                       "found afterwards."),
    (found_gone, "c_0000000001 of node-2 was found gone from /election after the gap (1). node-1 still leads."),
    (died_in_a_gap, "node-1 was killed (1). While Zooscope saw nothing, ZooKeeper deleted c_0000000000 (2), and node-2 "
                    "now leads (3)."),
    (created, "/config was created (1)."),
    (written, "The data of /config were changed (1), now version 1."),
    (written_often, "The data of /config were changed (1): 14 writes."),
    (deleted, "/config was deleted (1)."),
    (burst, "At /tasks and under it 120 znodes were created and 3 znodes deleted (1), within 1.3 s."),
    (hostile, "/<img src=x onerror=alert(1)>\\u202egnp." + "x" * 40 + "… was created (1)."),
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "sentence"), STORIES, ids=[scenario.__name__ for scenario, _ in STORIES])
def test_each_scenario_is_told_in_these_words(scenario: Callable[[World], str], sentence: str) -> None:
    assert scenario(World()) == sentence


def test_marks_are_numbered_in_reading_order_and_stand_on_moments() -> None:
    world = World()
    kill_leader(world)
    chapter = world.chapters[-1]
    assert [(mark.n, mark.on, mark.ref) for mark in chapter.marks] == [
        (1, "node", "node-1"), (2, "session", "node-1"), (3, "znode", "/election/c_0000000000"),
        (4, "node", "node-2"), (5, "node", "node-2"),
    ]  # fmt: skip
    assert [part.text for part in chapter.parts if part.kind == "numeral"] == ["1", "2", "3", "4", "5"]
    moments = world.timeline.moments
    assert [moments[mark.moment].kind for mark in chapter.marks] == ["killed", "expired", "deleted", "watch", "leads"]
    assert chapter.marks[2].path == "/election/c_0000000000"
    assert not chapter.open
    assert chapter.end == chapter.marks[-1].at


def test_a_chapter_keeps_its_id_and_numerals_while_it_grows() -> None:
    world = World()
    kill_leader_waiting(world)
    before = world.chapters[-1]
    assert before.open
    world.wait(3200)
    world.expire("node-1")
    inherit(world, "node-2", "node-1")
    after = world.chapters[-1]
    assert after.id == before.id
    assert after.marks[0] == before.marks[0]


def test_two_happenings_at_once_are_kept_apart() -> None:
    world = World().nodes(5)
    kill(world, "node-1")
    kill(world, "node-4")
    world.wait(4197)
    world.expire("node-1")
    inherit(world, "node-2", "node-1")
    world.expire("node-4")
    relink(world, "node-5", "node-4", "node-3")
    assert world.story[-2:] == [
        "node-1 was killed (1). Its session lived on for 4.2 s (2); then ZooKeeper deleted c_0000000000 (3), node-2's "
        "watch fired (4), and it now leads (5).",
        "node-4 was killed (1). Its session lived on for 4.2 s (2); then ZooKeeper deleted c_0000000003 (3), and "
        "node-5's watch fired (4): it now watches node-3 (5). node-2 now leads.",
    ]


def test_before_the_connection_the_opening_says_what_is_wrong() -> None:
    world = World(lab=False, live=False)
    problem = Problem("refused", "127.0.0.1:2181 refused the connection.")
    world.scene.on_session(SessionFacts("connecting", world.now, problem=problem), world.now)
    assert world.last == "Zooscope is connecting to demo. 127.0.0.1:2181 refused the connection."
    assert world.chapters[0].open


def test_the_story_keeps_fifty_chapters() -> None:
    world = World().nodes(1)
    for number in range(60):
        world.put(f"/z{number}")
        world.wait(4000)
    assert len(world.story) == 50
    assert world.last == "/z59 was created (1)."
    value = world.value("story")
    assert list(value.chapters) == value.order


def test_a_restarted_bridge_does_not_tell_old_records_anew() -> None:
    world = World()
    world.probe()
    world.say("node-1", "spawned", at=world.now - 90_000, pid=4)
    world.say("node-1", "exited", at=world.now - 60_000, pid=4, signal=9)
    world.wait(5000)
    assert len(world.story) == 1
    assert world.stage.nodes["node-1"].state == "dead"


def test_a_busy_lock_is_counted_not_told_one_by_one() -> None:
    world = World(lab=False)
    world.probe()
    world.put("/lock/x-1-0000000000", owner=1)
    world.wait(5000)
    for number in range(1, 60):
        world.put(f"/lock/x-1-{number:010d}", owner=number + 1)
        world.delete(f"/lock/x-1-{number - 1:010d}")
        world.wait(20)
    world.wait(5000)
    assert world.last == "/lock is busy: 50 members came and 50 went (1), within 980 ms."
    assert len(world.story) < 26


def test_a_foreign_cluster_tells_only_what_the_tree_tells() -> None:
    world = World(lab=False)
    world.probe()
    for number in range(3):
        world.put(f"/app/leader/c_{number:010d}", f"host-{number}:80".encode(), owner=number + 7, tell=False)
        world.put(f"/app/live/m{number}", owner=number + 7, tell=False)
    world.scene.on_session(SessionFacts("live", world.now, 2), world.now)
    world.wait(5000)
    assert world.story == [
        "host-0:80 leads the election at /app/leader (1); host-1:80 and host-2:80 stand in line behind it. The "
        "ensemble of 3 servers is led by server 2 (2); it needs 2 of 3, can lose 1."
    ]
    world.delete("/app/leader/c_0000000000", "/app/live/m0")
    world.wait(5000)
    world.delete("/app/leader/c_0000000001")
    world.wait(5000)
    world.put("/app/leader/c_0000000003", b"host-3:80", owner=77)
    assert world.story[1:] == [
        "host-0:80's session ended (1): ZooKeeper deleted c_0000000000 (2) and 1 more znode of its own, and host-1:80 "
        "now leads (3).",
        "c_0000000001 of host-1:80 vanished from /app/leader (1), and host-2:80 now leads (2).",
        "host-3:80 joined /app/leader as c_0000000003 (1), 2nd in line behind host-2:80.",
    ]
    assert [(node.name, node.state, node.slot) for node in world.stage.nodes.values()] == [
        ("host-0:80", "dead", 0), ("host-1:80", "dead", 1), ("host-2:80", "alive", 2), ("host-3:80", "alive", 3),
    ]  # fmt: skip
