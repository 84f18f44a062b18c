"""An explorer over a service that keeps rows back, gives no distributions or cannot be reached."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.connections.ledger import Ledger
from learnosity_nb.connections.opening import DEFAULT_VERSION, IN_PROCESS
from learnosity_nb.explorers.group_exports import subtree_frame
from learnosity_nb.files.access import Access, ConsumerAccess
from learnosity_nb.local.in_process import open_in_process
from learnosity_nb.local.tables import FrameTables
from learnosity_nb.wire.client import DataApi
from learnosity_nb.wire.in_process import InProcessTransport
from learnosity_nb.wire.transfer import Transfers

SHOWN = 1000
"""So many rows a service without pages gives of a group."""

ADDITIONS = {"users", "distribution", "descendants"}
FIELDS = ["population", "mean_percent", "stddev_percent"]


def refusing(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Serve group files with the documented keys only, and the first page whatever page is asked for."""
    first_pages: dict[str, bytes] = {}

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        told: list[Any] = []
        body = b"".join(app(environ, lambda *given: told.extend(given)))
        status, headers = told[:2]
        if "/outfiles/" in environ["PATH_INFO"] and status.startswith("200"):
            group = json.loads(body)
            body = json.dumps({key: group[key] for key in group if key not in ADDITIONS}).encode()
            body = first_pages.setdefault(environ["PATH_INFO"].rpartition("_")[0], body)
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start_response(status, [*kept, ("Content-Length", str(len(body)))])
        return [body]

    return served


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lnb.Dataset]:
    """One county with 1,100 schools of 6 pupils, on a service that offers no more than its specification."""
    at = np.arange(1100 * 6)
    roster = pd.DataFrame({"user_id": at.astype(str), "session_id": at.astype(str), "county": "Kent"})
    roster["school"] = [f"School {one % 1100:04d}" for one in at]
    sessions = roster[["session_id", "user_id"]].assign(score=at % 41 / 4, max_score=10.0)
    consumer, state = lnb.Consumer("hosted", "a secret of the test"), tmp_path_factory.mktemp("hosted")
    access = Access({consumer.key: ConsumerAccess(consumer.key, consumer.secret)})
    opened = open_in_process(FrameTables({"sessions": sessions}), access, state=state, data=None)
    transport = InProcessTransport(refusing(opened.app))
    api, ledger = DataApi(IN_PROCESS, DEFAULT_VERSION, consumer, transport), Ledger(state / "ledger.ndjson")
    options: dict[str, Any] = {"name": "hosted", "progress": False, "on_close": opened.close}
    with lnb.Connection(api, Transfers(transport), ledger, **options) as connection:
        yield connection.build_dataset(roster, ["county", "school"], fields=FIELDS, sort_field="mean_percent")


def test_rows_that_are_kept_back_are_said_and_code_gives_the_same(make: Any, hosted: lnb.Dataset) -> None:
    explorer = make(hosted)
    explorer.group_path = ("Kent",)
    assert len(explorer.value) == SHOWN
    assert any("1,000 of the 1,100" in note for note in explorer._faces.table.view["notes"])
    assert "allow_partial=True" in explorer.code()
    scope: dict[str, Any] = {"dataset": hosted}
    exec(explorer.code(), scope)
    assert_frame_equal(scope["frame"], explorer.value)
    assert len(subtree_frame((), explorer._source)) == 2 + SHOWN


def test_charts_begin_with_the_first_that_can_be_drawn(make: Any, hosted: lnb.Dataset, tmp_path: Path) -> None:
    explorer = make(hosted)
    drawn = explorer._faces._drawn.chart
    assert (explorer.chart, drawn["message"]) == ("ranking", None)
    assert [kind["key"] for kind in drawn["kinds"]] == ["ranking", "funnel"]
    explorer.chart = "distribution"
    assert "no distributions" in explorer._faces._drawn.chart["message"]
    assert "<img" not in explorer._repr_mimebundle_()["text/html"]
    assert explorer.to_html(tmp_path / "page.html").exists()


def test_a_group_of_the_last_level_says_why_no_learners_are_listed(make: Any, hosted: lnb.Dataset) -> None:
    explorer = make(hosted, min_population=0)
    explorer.group_path = ("Kent", "School 0000")
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
    from learnosity_nb.explorers.group_prepared import restored
    from learnosity_nb.explorers.group_source import GroupSource
    from learnosity_nb.explorers.group_state import GroupState

    def gone(*_: Any, **__: Any) -> pd.DataFrame:
        raise lnb.GroupNotFound("No groups yet.")

    source = GroupSource(dataset, min_population=0, show_names=False)
    monkeypatch.setattr(source, "own", gone)
    with pytest.raises(lnb.GroupNotFound, match="No groups yet"):
        restored(GroupState(("a", "b")), source)
