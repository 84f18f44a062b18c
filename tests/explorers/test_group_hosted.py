"""An explorer over a service that keeps rows back, gives no distributions or cannot be reached."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.explorers.group_exports import subtree_frame

SHOWN = 3


class Hosted(lnb.Dataset):
    """The real dataset, through a service that offers less."""

    def groups(self, *args: Any, allow_partial: bool = False, **options: Any) -> pd.DataFrame:
        part = super().groups(*args, **options).head(SHOWN)
        if len(part) == SHOWN and not allow_partial:
            raise lnb.IncompleteResult("3 of more rows came.", part)
        return part

    def walk(self, *args: Any, **options: Any) -> pd.DataFrame:
        raise lnb.IncompleteResult("Some rows cannot be had.", super().walk(*args, **options).head(SHOWN))

    def users(self, *args: Any, **options: Any) -> pd.DataFrame:
        raise lnb.NotOffered("A hosted service shows users only in its own web report.")

    def distribution(self, *args: Any, **options: Any) -> pd.DataFrame:
        raise lnb.NotOffered("This service gives no distributions.")


@pytest.fixture
def hosted(dataset: lnb.Dataset) -> lnb.Dataset:
    less = copy.copy(dataset)
    less.__class__ = Hosted
    return less


def test_rows_that_are_kept_back_are_said_and_code_gives_the_same(make: Any, hosted: lnb.Dataset) -> None:
    explorer = make(hosted)
    explorer.group_path = ("district 0",)
    assert len(explorer.value) == SHOWN
    assert "3 of more rows came." in explorer._faces.table.view["notes"]
    assert "allow_partial=True" in explorer.code()
    scope: dict[str, Any] = {"dataset": hosted}
    exec(explorer.code(), scope)
    assert_frame_equal(scope["frame"], explorer.value)
    assert len(subtree_frame((), explorer._source)) == SHOWN


def test_charts_begin_with_percentiles_where_there_are_no_distributions(
    make: Any, hosted: lnb.Dataset, tmp_path: Path
) -> None:
    explorer = make(hosted)
    assert explorer.chart == "percentiles"
    explorer.chart = "distribution"
    assert "no distributions" in explorer._faces._drawn.chart["message"]
    assert "<svg" not in explorer._repr_mimebundle_()["text/html"]
    assert explorer.to_html(tmp_path / "page.html").exists()


def test_a_group_of_the_last_level_says_why_no_learners_are_listed(make: Any, hosted: lnb.Dataset) -> None:
    explorer = make(hosted, min_population=0)
    path = explorer.dataset.group(["district 0"])["group_path"].iloc[0]
    for _ in range(2):
        path = (*path, hosted.groups(path, allow_partial=True)["group_name"].iloc[0])
    explorer.group_path = path
    assert explorer.value.empty
    assert any("web report" in note for note in explorer._faces.table.view["notes"])


def test_levels_that_are_not_known_are_groups(make: Any, dataset: lnb.Dataset) -> None:
    unknown = copy.copy(dataset)
    unknown.levels = None
    explorer = make(unknown, min_population=0, show_names=True)
    assert explorer._faces.table.view["unit"] == "groups"
    path: tuple[str, ...] = ()
    for _ in range(3):
        path = (*path, explorer.value["group_name"].iloc[0])
        explorer.group_path = path
    assert explorer.value.columns[0] == "user_id"


def test_a_service_that_cannot_be_reached_leaves_all_as_it_was(
    make: Any, dataset: lnb.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: Any, **__: Any) -> pd.DataFrame:
        raise lnb.ConnectionFailed("Nobody answers.")

    explorer = make()
    before, value = explorer.state_dict(), explorer.value
    monkeypatch.setattr(lnb.Dataset, "groups", unreachable)
    with pytest.raises(lnb.ConnectionFailed):
        explorer.group_path = ("district 0",)
    assert explorer.state_dict() == before
    assert explorer.group_path == ()
    assert explorer.value is value
    explorer._faces.table.set_state({"path": ["district 1"]})
    with pytest.raises(lnb.ConnectionFailed):
        explorer.settle(60)
    assert explorer.error == "Nobody answers."
    monkeypatch.undo()
    explorer._faces.table.set_state({"path": ["district 1"]})
    explorer.settle(60)
    assert (explorer.group_path, explorer.error) == (("district 1",), None)


def test_a_comparison_that_is_not_offered_says_so(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> pd.DataFrame:
        raise lnb.NotOffered("The dataset lacks <stddev>.")

    explorer = make()
    with pytest.raises(lnb.InputError, match="Mark 2 to 5"):
        explorer.comparison()
    monkeypatch.setattr(lnb.Dataset, "compare_groups", refused)
    explorer.selection = ("district 0", "district 1")
    assert explorer._faces._comparison.value == "<p>The dataset lacks &lt;stddev&gt;.</p>"


def test_a_dataset_without_groups_cannot_be_restored(dataset: lnb.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    from learnosity_nb.explorers.group_source import GroupSource
    from learnosity_nb.explorers.group_state import GroupState
    from learnosity_nb.explorers.prepared_view import restored

    def gone(*_: Any, **__: Any) -> pd.DataFrame:
        raise lnb.GroupNotFound("No groups yet.")

    source = GroupSource(dataset, min_population=0, show_names=False)
    monkeypatch.setattr(source, "own", gone)
    with pytest.raises(lnb.GroupNotFound, match="No groups yet"):
        restored(GroupState(("a", "b")), source)
