"""P1 and P2: a service that is killed loses nothing, and doing everything again gives the undisturbed result."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

POINTS = {
    "K01 after the bytes, before their name": "before_rename",
    "K02 after the name, before the row": "after_rename",
    "K03 after the row of an upload": "after_part",
    "K04 after the job, before the answer": "after_start",
    "K05 after the claim": "after_claim",
    "K06 while reading": "after_report:1",
    "K07 while summarising": "after_report:2",
    "K08 after an output": "after_report:3",
    "K09 after another output": "after_report:5",
    "K10 before the results are named": "before_completion",
    "K11 after they are named, before they are stored": "in_completion",
    "K12 in a heartbeat": "in_heartbeat",
    "K13 in the clean-up": "in_janitor",
    "K14 in a migration": "in_migration",
    "K15 after they are stored in the log alone": "after_completion",
}
SEEDS = (1, 2, 3)
USERS = 300
ABREAST = 2  # services that live at the same time
LEASES = {"in_heartbeat": 0.003}
BEFORE = {"in_janitor": "before_completion"}  # a life that leaves something to clean up


KILLED = {"killed": signal.SIGKILL}


def lives_of(folder: Path, seeds: tuple[int, ...] = SEEDS) -> list[dict]:
    """Return the commands for one life of each data set, in a folder of its own."""
    lives = [{"folder": folder / str(at), "seed": seed, "users": USERS} for at, seed in enumerate(seeds)]
    for life in lives:
        life["folder"].mkdir(parents=True)
    return lives


@pytest.fixture(scope="module")
def undisturbed(live, tmp_path_factory):
    return dict(zip(SEEDS, live(lives_of(tmp_path_factory.mktemp("undisturbed"))), strict=True))


def assert_whole(found: dict, expected: dict) -> None:
    """One job, completed; the undisturbed result; nothing left over, and nothing half-written."""
    assert "failed" not in found, found
    assert [status for _, status, _ in found["jobs"]] == ["completed"]
    assert found["digest"] == expected["digest"]
    assert (found["infiles"], found["outfiles"], found["torn"], found["integrity"]) == (0, 0, [], "ok")


@pytest.fixture(scope="module", params=POINTS)
def fates(request, live, tmp_path_factory) -> dict[int, list[dict]]:
    """How the lives of each data set ended, all but the last with a kill at one point."""
    lives = lives_of(tmp_path_factory.mktemp("killed"))
    crash = POINTS[request.param]
    before = [[{"crash": BEFORE[crash], **life} for life in lives]] if crash in BEFORE else []
    killed = [{"crash": crash, "lease": LEASES.get(crash), **life} for life in lives]
    ended = [live(together) for together in (*before, killed, lives)]
    return {seed: [each[at] for each in ended] for at, seed in enumerate(SEEDS)}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_service_killed_at_a_named_point_loses_nothing(fates, undisturbed, seed, figures):
    *killed, found = fates[seed]
    assert killed
    assert all(end == KILLED for end in killed)
    assert_whole(found, undisturbed[seed])
    figures["kills at named points survived"] += 1


def kill_at_random(live, undisturbed, folder: Path, kills: int, seed: int) -> int:
    """Kill services at random moments until enough have died; return how many have."""
    dice = random.Random(seed)
    rounds = killed = 0
    while killed < kills:
        data_sets = tuple(dice.choices(SEEDS, k=ABREAST))
        lives = lives_of(folder / str(rounds), data_sets)
        for _ in range(dice.randint(1, 4)):
            for ended in live([{"seconds": dice.uniform(0.002, 0.15), **life} for life in lives]):
                assert ended == {"killed": signal.SIGALRM} or "digest" in ended, ended
                killed += "killed" in ended
        for found, data_set in zip(live(lives), data_sets, strict=True):
            assert_whole(found, undisturbed[data_set])
        rounds += 1
    return killed


def test_forty_kills_at_random_moments_lose_nothing(live, undisturbed, tmp_path, figures) -> None:
    figures["kills at random moments survived"] += kill_at_random(live, undisturbed, tmp_path, 40, 7)


@pytest.mark.soak
def test_two_hundred_kills_at_random_moments_lose_nothing(live, undisturbed, tmp_path, figures) -> None:
    killed = kill_at_random(live, undisturbed, tmp_path, 200, 11)
    figures["kills at random moments survived, long run"] += killed
