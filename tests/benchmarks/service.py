"""This package's own service in process: a dataset built and walked, groups opened, an explorer that drills down."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any, Final

import ipywidgets
import numpy as np
import pandas as pd
from data import LEVELS, World, read_frames
from measuring import Cost, measure

import learnosity_nb as lnb

__all__ = ["STEPS", "service_cost"]

STEPS: Final = ("build and walk", "open a group", "drill")
OPENED: Final = 200
SCHOOLS: Final = 2_410
LEARNERS: Final = 6  # in each of the schools


def service_cost(world: World, step: str) -> Cost:
    """Return what a step took; stop where its result is wrong.

    ``build and walk``: frames in, a frame of all groups out. ``open a group``: one of them, the mean of `OPENED` at
    random. ``drill``: an explorer goes down to one level of `SCHOOLS` schools, whatever the world.
    """
    if step == "drill":
        return _drill()
    sessions, roster = read_frames(world)
    with _built(sessions, roster, list(LEVELS)) as (build, dataset):
        walk, groups = measure(dataset.walk)
        if step == "build and walk":
            expected = lnb.truncate_summary(lnb.summarize_groups(sessions, roster, list(LEVELS)))
            pd.testing.assert_frame_equal(groups, expected)
            return Cost(build.cpu + walk.cpu, build.wall + walk.wall, max(build.peak, walk.peak))
        some = groups.sample(OPENED, replace=True, random_state=1)
        cost, opened = measure(lambda: [dataset.groups(path) for path in some["group_path"]])
        assert [len(frame) for frame in opened] == some["group_count"].tolist()
        return replace(cost, cpu=cost.cpu / OPENED, wall=cost.wall / OPENED)


def _drill() -> Cost:
    numbers = np.arange(SCHOOLS * LEARNERS)
    ids = {"user_id": [f"learner-{one}" for one in numbers], "session_id": [f"session-{one}" for one in numbers]}
    schools = [f"School of Saint Somebody {one % SCHOOLS:04}" for one in numbers]
    roster = pd.DataFrame({**ids, "county": "Kent", "school": schools})
    sessions = pd.DataFrame({**ids, "score": numbers % 41 / 4, "max_score": 10.0})
    with (
        _built(sessions, roster, ["county", "school"]) as (_, dataset),
        closing(lnb.GroupExplorer(dataset)) as explorer,
    ):
        explorer.settle()  # the charts' own code is sent once, and not counted
        with _counted() as sent:
            cost, _ = measure(lambda: setattr(explorer, "group_path", ("Kent",)))
        assert len(explorer.value) == SCHOOLS
        return replace(cost, sent=sum(sent))


@contextmanager
def _built(sessions: pd.DataFrame, roster: pd.DataFrame, levels: list[str]) -> Iterator[tuple[Cost, lnb.Dataset]]:
    with (
        tempfile.TemporaryDirectory() as state,
        lnb.connect_local(sessions=sessions, state=state, progress=False) as connection,
    ):
        yield measure(lambda: connection.build_dataset(roster, levels=levels))


@contextmanager
def _counted() -> Iterator[list[int]]:
    """Count the bytes of every message that widgets send to the browser."""
    sent: list[int] = []
    send = ipywidgets.Widget._send

    def count(widget: ipywidgets.Widget, message: dict[str, Any], buffers: Any = None) -> None:
        sent.append(len(json.dumps(message)) + sum(len(one) for one in buffers or ()))
        send(widget, message, buffers)

    ipywidgets.Widget._send = count
    try:
        yield sent
    finally:
        ipywidgets.Widget._send = send
