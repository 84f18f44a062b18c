"""A page for each group of a level: which groups have one, what is in it, and what stands beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.connections.reporting import page_spreads

LEVELS = {"district": "District", "school": "School", "class": "Class"}
FIELDS = ["population", "mean_percent", "stddev_percent", "median_percent"]
HOSTILE = ["</script><script>alert(1)</script>", "CON", "con", "../up", "=1+1", "a/b", "学校", "x" * 200, "ok", "tiny"]


@pytest.fixture(scope="module")
def dataset(shared_crowd: tuple[pd.DataFrame, pd.DataFrame], standing: lnb.Connection) -> lnb.Dataset:
    return standing.build_dataset(shared_crowd[1], LEVELS, fields=FIELDS, user_fields=["score"])


def carried(page: Path) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text(encoding="utf-8"))
    assert found is not None
    return json.loads(found[1])


def test_a_page_holds_its_group_and_those_below(dataset: lnb.Dataset, tmp_path: Path) -> None:
    index = dataset.report(tmp_path / "pages", level="school", min_population=0, charts=False)
    walked = dataset.walk()
    assert index["group_path"].tolist() == walked.query("level == 2")["group_path"].tolist()
    for path, file in zip(index["group_path"], index["file"], strict=True):
        data = carried(tmp_path / "pages" / file)
        below = dataset.walk(path)
        assert data["title"] == " / ".join(path)
        held = zip(data["names"], data["figures"][0]["values"], strict=True)
        assert sorted(held) == sorted(zip(below["group_name"], below["population"], strict=True))
        assert data["sort"] == {"field": "population", "order": "desc"}
        assert "chart" not in data


def test_files_stand_with_their_provenance_and_an_index(dataset: lnb.Dataset, tmp_path: Path) -> None:
    index = dataset.report(tmp_path, level=1, min_population=5, charts=False)
    names = [*index["file"].dropna(), "index.csv", "index.html"]
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(
        [*names, *(f"{name}.provenance.json" for name in names)]
    )
    for name in names:
        assert lnb.verify(tmp_path / name)
    first = lnb.verify(tmp_path / names[0]).provenance
    assert first.tables[0].origin.call["group_path"] == list(index["group_path"][0])
    again: dict[str, Any] = {"dataset": dataset}
    exec(first.code, again)
    assert len(again["frame"]) == first.tables[0].rows
    read = pd.read_csv(tmp_path / "index.csv")
    assert read["file"].tolist() == index["file"].tolist()
    assert re.findall('href="(.+?)"', (tmp_path / "index.html").read_text()) == index["file"].tolist()


def test_pages_hold_distributions_and_no_learner(dataset: lnb.Dataset, tmp_path: Path) -> None:
    index = dataset.report(tmp_path, level="district", min_population=12)
    for path, file in zip(index["group_path"], index["file"], strict=True):
        data = carried(tmp_path / file)
        spread = dataset.distribution(path, "percent")
        assert data["chart"]["distributions"][0]["values"] == spread["value"].tolist()
        held = [data["chart"]["distributions"][at] is None for at in range(len(data["names"]))]
        assert held == [bool(hidden) for hidden in data["withheld"]]
        assert any(held)
        assert "user 1" not in (tmp_path / file).read_text(encoding="utf-8")


def test_withheld_groups_have_no_page_and_are_named(dataset: lnb.Dataset, tmp_path: Path) -> None:
    index = dataset.report(tmp_path, level="class", min_population=12, charts=False)
    walked = dataset.walk(min_population=12).query("level == 3").reset_index(drop=True)
    assert_frame_equal(index["file"].isna().to_frame("withheld"), walked[["withheld"]])
    assert 0 < walked["withheld"].sum() < len(walked)
    said = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert said.count("withheld") == walked["withheld"].sum()
    assert "mean_percent" not in index


def test_the_whole_dataset_is_one_page(dataset: lnb.Dataset, tmp_path: Path) -> None:
    index = dataset.report(tmp_path, level=0, charts=False)
    assert index["file"].tolist() == ["all.html"]
    assert len(carried(tmp_path / "all.html")["names"]) == len(dataset.walk())


@pytest.mark.parametrize("level", ["scool", "School", 4, -1, 1.0, True, None])
def test_an_unknown_level_is_refused_with_those_there_are(dataset: lnb.Dataset, tmp_path: Path, level: Any) -> None:
    with pytest.raises(lnb.InputError, match="The levels are 1 'district', 2 'school', 3 'class'"):
        dataset.report(tmp_path / "none", level)
    assert not (tmp_path / "none").exists()


def test_a_folder_that_cannot_be_made_is_refused(dataset: lnb.Dataset, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    for folder in (tmp_path / "not" / "there", tmp_path / "file"):
        with pytest.raises(lnb.InputError, match="cannot be made"):
            dataset.report(folder, "school")


def test_older_pages_are_replaced_and_other_files_stay(dataset: lnb.Dataset, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    index = dataset.report(tmp_path, "district", charts=False)
    (tmp_path / index["file"][0]).write_text("old")
    assert_frame_equal(dataset.report(tmp_path, "district", charts=False), index)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert lnb.verify(tmp_path / index["file"][0])


def test_hostile_names_become_plain_files_and_stay_text(tmp_path: Path) -> None:
    users = [(name, f"{at}-{one}") for at, name in enumerate(HOSTILE) for one in range(2 if name == "tiny" else 6)]
    roster = pd.DataFrame({"user_id": [one for _, one in users], "session_id": [one for _, one in users]})
    roster["school"] = [name for name, _ in users]
    sessions = roster[["user_id", "session_id"]].assign(score=1.0, max_score=2.0)
    with lnb.connect_local(sessions=sessions, progress=False) as connection:
        dataset = connection.build_dataset(roster, ["school"], FIELDS)
        index = dataset.report(tmp_path, "school", min_population=0, charts=False)
    assert len({file.casefold() for file in index["file"]}) == len(HOSTILE)
    for name, file in zip(index["group_name"], index["file"], strict=True):
        assert (tmp_path / file).parent == tmp_path
        assert carried(tmp_path / file)["title"] == name
    assert "<script>" not in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_a_hosted_dataset_has_pages_without_distributions(
    crowd: tuple[pd.DataFrame, pd.DataFrame], hosted: lnb.Connection, tmp_path: Path
) -> None:
    built = hosted.build_dataset(crowd[1], ["district", "school", "class"], fields=FIELDS)
    built = hosted.open_dataset(built.dataset_id, levels=["district", "school", "class"])
    index = built.report(tmp_path, "district")
    kinds = [kind["key"] for kind in carried(tmp_path / index["file"][0])["chart"]["kinds"]]
    assert "ranking" in kinds
    assert "distribution" not in kinds


def test_a_dataset_of_unknown_levels_takes_numbers(
    dataset: lnb.Dataset, standing: lnb.Connection, tmp_path: Path
) -> None:
    unnamed = standing.open_dataset(dataset.dataset_id)
    unnamed.levels = None
    index = unnamed.report(tmp_path, 2, charts=False)
    assert index.columns[4:].tolist() == ["level_1", "level_2", "level_3", "file"]
    with pytest.raises(lnb.InputError, match="numbers from 1"):
        unnamed.report(tmp_path, "school")


def test_distributions_come_file_by_file_where_they_do_not_come_together(
    dataset: lnb.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked = dataset.walk(min_population=12)
    together = page_spreads(dataset, walked, "percent")
    monkeypatch.setattr(type(dataset._reader), "distributions", lambda *_: iter(()))
    one_by_one = page_spreads(dataset, walked, "percent")
    assert together is not None
    assert one_by_one is not None
    assert together.keys() == one_by_one.keys() == set(walked.loc[~walked["withheld"], "group_path"])
    for path, spread in together.items():
        assert_frame_equal(spread, one_by_one[path])
    assert page_spreads(dataset, walked.head(0), "percent") is None
