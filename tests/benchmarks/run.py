"""Measure this package beside good pandas, Polars and DuckDB: ``python tests/benchmarks/run.py``.

Every run is a process of its own; the libraries take turns, round after round,
so that a busy machine is busy for all of them. Results are compared with ours
to 1e-9. Needs the extra ``bench``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from data import LEVELS, World, make_world, read_frames
from measuring import Cost, measure
from service import STEPS, service_cost

ROOT: Final = Path(__file__).parents[2]
PEERS: Final = ("pandas", "polars", "duckdb")
CASES: Final = ("rollup", "frames", "end_to_end")
TITLES: Final = {
    "rollup": "Rollup alone",
    "frames": "Frames in, frame out",
    "end_to_end": "NDJSON and Parquet in, Parquet out",
}
QUICK: Final = (2_000, 200)
LARGEST: Final = 5_000_000  # users of the last world of the growth
REPEATS: Final = 5  # of the rollup, which is over soon

Size = tuple[int, int]
Costs = dict[tuple[str, str], list[Cost]]
Run = Callable[[str, str, World, Path], Cost]


def main() -> None:
    """Run what the command line asks for."""
    options = _options()
    if options.one:
        library, case, world, out = options.one
        print(json.dumps(asdict(_run_one(library, case, World(Path(world), 0, 0), Path(out)))))
        return
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        if options.quick:
            _check_quickly(make_world(folder, *QUICK), Path(made))
            return
        print(f"{platform.processor() or platform.machine()}, {platform.system()}, Python {platform.python_version()}")
        for size in options.sizes:
            _report(make_world(folder, *size), options.cases, options.rounds, Path(made))
        if options.naive:
            _report_naive(make_world(folder, *options.naive), Path(made))
        if options.growth:
            _report_growth(folder, options.growth, options.rounds, Path(made))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round at a small size; fails only on wrong results")
    parser.add_argument("--sizes", nargs="*", type=_size, default=[(100_000, 4_000), (1_000_000, 40_000)])
    parser.add_argument("--cases", nargs="+", choices=(*CASES, "service"), default=(*CASES, "service"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the worlds are kept; a temporary folder when left out")
    parser.add_argument("--naive", nargs="?", type=_size, const=(20_000, 4_000), help="also a script of lambdas, once")
    parser.add_argument("--growth", nargs="?", type=int, const=LARGEST, help="also growth up to that many users")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS, metavar=("LIBRARY", "CASE", "WORLD", "OUT"))
    return parser.parse_args()


def _size(text: str) -> Size:
    users, groups = text.split(":")
    return int(users), int(groups)


def _run_one(library: str, case: str, world: World, out: Path) -> Cost:
    """Run one case in this process, leave its result in `out`, and return what it took."""
    if case in STEPS:
        return service_cost(world, case)
    module = importlib.import_module("ours" if library == "ours" else f"peer_{library}")
    if case == "end_to_end":
        return measure(lambda: module.end_to_end(world, out))[0]
    if case == "frames":
        sessions, roster = read_frames(world)
        cost, result = measure(lambda: module.frames(sessions, roster))
    else:
        users = module.load_rollup(world)
        costs = [measure(lambda: module.rollup(users))[0] for _ in range(REPEATS - 1)]
        cost, result = measure(lambda: module.rollup(users))
        cost = Cost(*_medians([*costs, cost]))
    frame = result if isinstance(result, pd.DataFrame) else result.to_pandas()
    frame.drop(columns=["group_path"], errors="ignore").to_parquet(out)
    return cost


def _in_its_own_process(library: str, case: str, world: World, out: Path) -> Cost:
    command = [sys.executable, __file__, "--one", library, case, str(world.folder), str(out)]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"{library} failed at {case}:\n{done.stderr}")
    return Cost(**json.loads(done.stdout))


def _in_turn(world: World, cases: Sequence[str], rounds: int, out: Path, run: Run = _in_its_own_process) -> Costs:
    """Run all libraries round after round, checking each result against ours."""
    costs: Costs = {}
    for _ in range(rounds):
        for case in cases:
            for library in ("ours", *PEERS):
                found = out / f"{library}.parquet"
                costs.setdefault((case, library), []).append(run(library, case, world, found))
                if library != "ours":
                    _check_equal(out / "ours.parquet", found, f"{library} at {case}")
    return costs


def _check_equal(ours: Path, theirs: Path, what: str) -> None:
    one, other = (_sorted_by_path(pd.read_parquet(path)) for path in (ours, theirs))
    if not one.index.equals(other.index):
        raise SystemExit(f"{what}: the groups differ from ours")
    for name in one.columns.difference(["group_id", "level", "group_name"]):
        mine, theirs_too = (frame[name].to_numpy("float64", na_value=np.nan) for frame in (one, other))
        if not np.allclose(mine, theirs_too, rtol=1e-9, atol=1e-9, equal_nan=True):
            raise SystemExit(f"{what}: {name} differs from ours")


def _sorted_by_path(frame: pd.DataFrame) -> pd.DataFrame:
    return (
        frame.assign(**{key: frame[key].astype("object").fillna("").astype("str") for key in LEVELS})
        .set_index(list(LEVELS))
        .sort_index()
    )


def _check_quickly(world: World, out: Path) -> None:
    """Check all results in this process, where each library loads but once."""
    _in_turn(world, CASES, 1, out, _run_one)
    _check_naive(world, out, _run_one)
    for step in STEPS:
        _run_one("ours", step, world, out)
    print("The results of all libraries agree.")


def _check_naive(world: World, out: Path, run: Run = _in_its_own_process) -> tuple[Cost, Cost]:
    """Run ours and the naive script; return what each took."""
    ours, theirs = out / "ours.parquet", out / "naive.parquet"
    costs = run("ours", "frames", world, ours), run("naive", "frames", world, theirs)
    _check_equal(ours, theirs, "the naive script")
    return costs


def _report(world: World, cases: Sequence[str], rounds: int, out: Path) -> None:
    print(f"\n### {world.users:,} users in {world.groups:,} groups, 4 levels, 20 fields, {rounds} rounds\n")
    from floor import find_floor

    costs = _in_turn(world, [case for case in cases if case in CASES], rounds, out)
    if costs:
        print("\n".join(_table(costs)))
    floor = find_floor(world)
    total = sum(floor.values())
    print(f"\nThe floor is {total:.2f} CPU seconds ({', '.join(f'{step} {cpu:.2f}' for step, cpu in floor.items())}).")
    if "end_to_end" in cases:
        mine = statistics.median(cost.cpu for cost in costs["end_to_end", "ours"])
        print(f"Ours end to end is {mine / total:.1f} times that.")
    if "service" in cases:
        _report_service(world, total, rounds, out)


def _report_service(world: World, floor: float, rounds: int, out: Path) -> None:
    steps = ("frames", *STEPS)
    costs: dict[str, list[Cost]] = {step: [] for step in steps}
    for _ in range(rounds):
        for step in steps:
            costs[step].append(_in_its_own_process("ours", step, world, out / "ours.parquet"))
    print("\n| in process | CPU ms | wall ms | peak MB | bytes sent |\n|---|---:|---:|---:|---:|")
    for step in STEPS:
        cpu, wall, peak = _medians(costs[step])
        print(f"| {step} | {1000 * cpu:,.1f} | {1000 * wall:,.1f} | {peak:.0f} | {costs[step][0].sent or ''} |")
    pairs = zip(costs[STEPS[0]], costs["frames"], strict=True)
    ratio = statistics.median(one.cpu / (frames.cpu + floor) for one, frames in pairs)
    print(f"\nTo build and walk takes {ratio:.1f} times summarize_groups of the same frames and the floor together.")


def _report_naive(world: World, out: Path) -> None:
    ours, theirs = _check_naive(world, out)
    print(f"\nA lambda for each percentile of each group, {world.users:,} users in {world.groups:,} groups, once:")
    print(f"{theirs.cpu:.1f} CPU seconds, {theirs.cpu / ours.cpu:.0f} times ours ({ours.cpu:.2f}).")


def _report_growth(folder: Path, largest: int, rounds: int, out: Path) -> None:
    """Measure ours alone as users grow, then as the groups of as many users grow."""
    print("\n### Growth\n\n| users | groups | case | CPU s | wall s | peak MB |\n|---:|---:|---|---:|---:|---:|")
    usual = largest // 5
    sizes = [(users, 40_000) for users in (usual // 10, usual, largest)]
    grown = [(size, case) for case in ("end_to_end", STEPS[0]) for size in sizes]
    grown += [((usual, groups), "rollup") for groups in (400, 4_000, 40_000, 200_000)]
    for size, case in grown:
        world = make_world(folder, *size)
        runs = [_in_its_own_process("ours", case, world, out / "ours.parquet") for _ in range(rounds)]
        cpu, wall, peak = _medians(runs)
        print(f"| {size[0]:,} | {size[1]:,} | {case} | {cpu:.2f} | {wall:.2f} | {peak:.0f} |", flush=True)


def _medians(runs: Sequence[Cost]) -> list[float]:
    return [statistics.median(getattr(run, name) for run in runs) for name in ("cpu", "wall", "peak")]


def _table(costs: Costs) -> Iterator[str]:
    yield "| case | library | CPU s | wall s | peak MB | CPU over ours |"
    yield "|---|---|---:|---:|---:|---:|"
    for (case, library), runs in costs.items():
        cpu, wall, peak = _medians(runs)
        ratio = statistics.median(run.cpu / mine.cpu for run, mine in zip(runs, costs[case, "ours"], strict=True))
        yield f"| {TITLES[case]} | {library} | {cpu:.2f} | {wall:.2f} | {peak:.0f} | {ratio:.1f} |"


if __name__ == "__main__":
    main()
