"""How our own cost grows with users and with groups, and what the service adds to ``summarize_groups``."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.json
from data import LEVELS, World, make_world, read_frames
from measuring import Cost, measure

__all__ = ["report_growth"]

ROOT: Final = Path(__file__).parents[2]
USERS: Final = ((100_000, 40_000), (1_000_000, 40_000), (5_000_000, 40_000))
GROUPS: Final = ((1_000_000, 400), (1_000_000, 4_000), (1_000_000, 40_000), (1_000_000, 200_000))
ANALYST: Final = (1_000_000, 40_000)


def report_growth(folder: Path, rounds: int) -> None:
    """Print what ours takes as users grow, as groups grow, and step by step through the service."""
    print("\n### Growth\n\n| users | groups | case | CPU s | wall s | peak MB |\n|---:|---:|---|---:|---:|---:|")
    for sizes, case in ((USERS, "end_to_end"), (GROUPS, "rollup")):
        for size in sizes:
            _print_row(make_world(folder, *size), case, rounds)
    print("\n### The service\n\n| users | groups | step | CPU s | wall s | peak MB |\n|---:|---:|---|---:|---:|---:|")
    for step in ("lines", "summarize", "build", "walk"):
        _print_row(make_world(folder, *ANALYST), step, rounds)


def _print_row(world: World, case: str, rounds: int) -> None:
    runs = [_in_its_own_process(world, case) for _ in range(rounds)]
    cpu, wall, peak = (statistics.median(getattr(run, name) for run in runs) for name in ("cpu", "wall", "peak"))
    print(f"| {world.users:,} | {world.groups:,} | {case} | {cpu:.2f} | {wall:.2f} | {peak:.0f} |", flush=True)


def _in_its_own_process(world: World, case: str) -> Cost:
    command = [sys.executable, __file__, case, str(world.folder)]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"{case} failed:\n{done.stderr}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def _run(case: str, world: World) -> Cost:
    import ours

    import learnosity_nb as lnb

    if case == "end_to_end":
        with tempfile.NamedTemporaryFile(suffix=".parquet") as out:
            return measure(lambda: ours.end_to_end(world, Path(out.name)))[0]
    if case == "rollup":
        users = ours.load_rollup(world)
        return measure(lambda: ours.rollup(users))[0]
    if case == "lines":
        return measure(lambda: _parse(world.lines))[0]
    sessions, roster = read_frames(world)
    if case == "summarize":
        return measure(lambda: lnb.summarize_groups(sessions, roster, list(LEVELS)))[0]
    with (
        tempfile.TemporaryDirectory() as state,
        lnb.connect_local(sessions=sessions, state=state, progress=False) as lrn,
    ):
        build, dataset = measure(lambda: lrn.build_dataset(roster, levels=list(LEVELS)))
        return build if case == "build" else measure(dataset.walk)[0]


def _parse(lines: Path) -> pa.Table:
    """Read the roster's bytes and do no more: the intake's floor."""
    return pyarrow.json.read_json(lines)


def main(arguments: Sequence[str]) -> None:
    """Run one case of ours in this process."""
    warnings.simplefilter("ignore")
    case, folder = arguments
    print(json.dumps(_run(case, World(Path(folder), 0, 0)).as_dict()))


if __name__ == "__main__":
    main(sys.argv[1:])
