"""What is passed to an explorer by mistake, and what the error says to pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import polars as pl
import pytest

import learnosity_nb as lnb

FRAME = pd.DataFrame({"user_id": ["u"], "score": [1.0]})
NO_DATASET = "GroupExplorer takes a Dataset, as build_dataset and open_dataset return it, not"
TO_EXPLORE = r"For a frame of scores, use explore\(frame, levels=\[…\], user=…, score=…\)\.$"
OWN_DATA = r"For frames, pass connect_local\(learners=…, engagement=…\) or connect_local\(sessions=…\)\.$"
ITS_CONNECTION = r"Pass the connection that the dataset was built by\.$"


@pytest.mark.parametrize("frame", [FRAME, pl.from_pandas(FRAME)])
def test_a_group_explorer_of_a_frame_points_to_explore(frame: Any) -> None:
    with pytest.raises(lnb.InputError, match=f"{NO_DATASET} DataFrame. {TO_EXPLORE}"):
        lnb.GroupExplorer(frame)


def test_a_group_explorer_of_a_connection_points_to_its_datasets() -> None:
    connection = lnb.connect_local(sessions=FRAME.assign(session_id="s", max_score=1.0), progress=False)
    expected = rf"{NO_DATASET} Connection. Pass connection.open_dataset\(dataset_id\)"
    with connection, pytest.raises(lnb.InputError, match=expected):
        lnb.GroupExplorer(connection)
    with pytest.raises(lnb.InputError, match=f"{NO_DATASET} NoneType.$"):
        lnb.GroupExplorer(None)
    with pytest.raises(lnb.InputError, match=NO_DATASET):
        lnb.GroupExplorer.from_state(FRAME, {})


@pytest.mark.parametrize(
    ("name", "explorer"),
    [("LearnerExplorer", lambda given: lnb.LearnerExplorer(given, "course")), ("JobMonitor", lnb.JobMonitor)],
)
def test_other_explorers_take_a_connection(name: str, explorer: Callable[[Any], object], dataset: lnb.Dataset) -> None:
    expected = f"{name} takes a Connection, as connect and connect_local return it, not"
    for given, said in ((FRAME, OWN_DATA), (dataset, ITS_CONNECTION), ("data/", r"not str\.$")):
        with pytest.raises(lnb.InputError, match=said) as caught:
            explorer(given)
        assert str(caught.value).startswith(expected)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (pl.from_pandas(FRAME), r"not DataFrame\. Pass frame\.to_pandas\(\)\.$"),
        ([1], r"pandas DataFrame .*, not list\.$"),
    ],
)
def test_explore_takes_a_pandas_frame(given: Any, said: str) -> None:
    with pytest.raises(lnb.InputError, match=said):
        lnb.explore(given, levels=["school"], user="user_id", score="score")
