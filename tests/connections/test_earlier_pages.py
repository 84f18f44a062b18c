"""What a report removes of an earlier one in its folder, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

import learnosity_nb as lnb
from learnosity_nb.connections import earlier_pages
from learnosity_nb.files.provenance import exported, read_provenance, sidecar_of, written_table

Build = Callable[..., lnb.Dataset]


@pytest.fixture(scope="module")
def build() -> Iterator[Build]:
    """Build datasets of one district whose schools have so many learners."""
    names = ["Ash", "Bay", "Cove", "Dale", "dale"]
    users = pd.DataFrame([(name, f"{name} {one}") for name in names for one in range(9)], columns=["school", "user_id"])
    users = users.assign(session_id=users["user_id"], district="Oregon")
    sessions = users[["user_id", "session_id"]].assign(score=1.0, max_score=2.0)
    with lnb.connect_local(sessions=sessions, progress=False) as connection:

        def built(**sizes: int) -> lnb.Dataset:
            roster = pd.concat([users[users["school"] == name].head(size) for name, size in sizes.items()])
            return connection.build_dataset(roster, ["district", "school"], ["population", "mean_percent"])

        yield built


def pages_in(folder: Path) -> list[str]:
    """Name the pages, each of which has what `verify` reads beside it."""
    files = {file.name for file in folder.iterdir()} - {"index.csv", "index.html"}
    pages = sorted(name for name in files if name.endswith(".html"))
    assert files >= {f"{name}.provenance.json" for name in pages}
    return pages


def test_pages_of_groups_that_are_withheld_now_or_no_more_are_removed(build: Build, tmp_path: Path) -> None:
    build(Ash=6, Bay=7, Cove=8).report(tmp_path, "school", min_population=5, charts=False)
    assert pages_in(tmp_path) == ["Oregon-Ash.html", "Oregon-Bay.html", "Oregon-Cove.html"]
    index = build(Ash=6, Cove=8, Dale=9).report(tmp_path, "school", min_population=7, charts=False)
    assert index["file"].isna().tolist() == [True, True, False]  # the smallest, and the one that would give it away
    assert pages_in(tmp_path) == ["Oregon-Dale.html"]
    assert sorted(file.name for file in tmp_path.glob("*.json")) == [
        f"{name}.provenance.json" for name in ("Oregon-Dale.html", "index.csv", "index.html")
    ]


def test_a_page_that_has_another_name_now_is_removed(build: Build, tmp_path: Path) -> None:
    build(Ash=6, Dale=7).report(tmp_path, "school", min_population=0, charts=False)
    index = build(Ash=6, Dale=7, dale=8).report(tmp_path, "school", min_population=0, charts=False)
    assert "Oregon-Dale.html" not in index["file"].tolist()
    assert pages_in(tmp_path) == sorted(index["file"])


def test_pages_of_another_level_stay_while_their_groups_are_shown(build: Build, tmp_path: Path) -> None:
    first = build(Ash=6, Bay=7)
    first.report(tmp_path, "school", min_population=0, charts=False)
    first.report(tmp_path, "district", min_population=0, charts=False)
    assert pages_in(tmp_path) == ["Oregon-Ash.html", "Oregon-Bay.html", "Oregon.html"]
    build(Ash=6).report(tmp_path, 0, min_population=0, charts=False)
    assert pages_in(tmp_path) == ["Oregon-Ash.html", "Oregon.html", "all.html"]


def without_provenance(page: Path) -> None:
    sidecar_of(page).unlink()


def changed(page: Path) -> None:
    page.write_text("my own notes")


def renamed(page: Path) -> None:
    for file in (page, sidecar_of(page)):
        file.rename(file.with_name(f"mine-{file.name}"))


def of_no_group(page: Path) -> None:
    with exported(page, lambda: [written_table(pd.DataFrame())], provenance=True) as temporary:
        temporary.write_text("an export of something else")


def exported_by_hand(page: Path) -> None:
    said = read_provenance(page)
    with exported(page.with_name("Bay.html"), lambda: said.tables, provenance=True) as temporary:
        page.replace(temporary)
    sidecar_of(page).unlink()


@pytest.mark.parametrize("make", [without_provenance, changed, renamed, of_no_group, exported_by_hand])
def test_a_file_that_no_report_wrote_stays(build: Build, tmp_path: Path, make: Callable[[Path], None]) -> None:
    build(Ash=6, Bay=7).report(tmp_path, "school", min_population=0, charts=False)
    make(tmp_path / "Oregon-Bay.html")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir() if "Bay" in file.name}
    build(Ash=6).report(tmp_path, "school", min_population=0, charts=False)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir() if "Bay" in file.name} == before


def test_a_page_that_cannot_be_removed_is_named(build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(Ash=6, Bay=7).report(tmp_path, "school", min_population=0, charts=False)

    def refuse(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(earlier_pages.Path, "unlink", refuse)
    with pytest.raises(lnb.InputError, match=r"Oregon-Bay\.html cannot be removed: Permission denied"):
        earlier_pages.remove_earlier_pages(tmp_path, {("Oregon", "Ash")}, {})
