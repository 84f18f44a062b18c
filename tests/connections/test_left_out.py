"""Sessions that a dataset leaves out are told when it is built."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import learnosity_nb as lnb
from learnosity_nb.connections.connection import Connection
from learnosity_nb.wire.client import DataApi

LEVELS = ["district", "school", "class"]
Crowd = tuple[pd.DataFrame, pd.DataFrame]


def test_sessions_that_the_service_could_not_use_are_told_at_the_callers_line(crowd: Crowd) -> None:
    sessions, roster = crowd
    sessions.loc[3:4, "user_id"] = "somebody else"
    with lnb.connect_local(sessions=sessions.drop(index=[0, 1, 2])) as lrn:
        with pytest.warns(UserWarning, match="They do not count") as caught:
            dataset = lrn.build_dataset(roster, LEVELS)
        assert dataset.group()["population"].item() == 600
    assert [str(warning.message) for warning in caught] == [
        "3 of 900 listed sessions are not in sessions; 2 are recorded for another user. They do not count."
    ]
    assert caught[0].filename == __file__


def test_sessions_none_of_which_the_service_knows_are_told_with_an_id(crowd: Crowd, local: Connection) -> None:
    with pytest.warns(UserWarning, match="None of the 900 listed sessions .*: the roster lists 'x session 0'"):
        local.build_dataset(crowd[1].assign(session_id="x " + crowd[1]["session_id"]), LEVELS)


@pytest.mark.parametrize("data", [None, {}, {"sessions": None}, {"sessions": {"unknown": 3}}, []])
def test_a_service_that_does_not_count_sessions_gives_no_warning(
    crowd: Crowd, local: Connection, monkeypatch: pytest.MonkeyPatch, data: Any
) -> None:
    honest = DataApi.pages

    def silent(api: DataApi, endpoint: str, request: Any) -> Any:
        for answer in honest(api, endpoint, request):
            for record in answer.data:
                record["data"] = data
            yield answer

    monkeypatch.setattr(DataApi, "pages", silent)
    local.build_dataset(crowd[1].assign(session_id="x " + crowd[1]["session_id"]), LEVELS)
