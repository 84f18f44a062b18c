from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode

import pandas as pd
import pytest

from learnosity_nb.errors import ColumnError, InputError, MissingExtra
from learnosity_nb.files.exports import to_csv
from learnosity_nb.pages import page as page_module
from learnosity_nb.pages.page import write_group_page, write_table_page

GROUPS = {
    ("Oregon", "Salem"): [50.0, 60.0, 70.0],
    ("Oregon", "=Bend"): [40.0, 42.5],
    ("Nevada", "Reno"): [90.0, 80.0, 85.0, 10.0],
}


@pytest.fixture
def written(faces, tmp_path):
    """Return a function that writes a page of `GROUPS`."""

    def write(groups=None, **options):
        groups = groups or GROUPS
        columns = [
            faces.column("group_name", "Group", "text"),
            faces.column("population", "Learners", "count"),
            faces.column("mean_percent", "Mean", unit="%"),
        ]
        frame = options.pop("frame", None)
        given = {
            "title": "Reading",
            "levels": ["District", "School"],
            "units": ["districts", "schools"],
            "columns": columns,
        }
        given |= {"field": "mean_percent", "distributions": faces.distributions(groups)} | options
        return write_group_page(tmp_path / "page.html", faces.tree_frame(groups) if frame is None else frame, **given)

    return write


@pytest.fixture
def opened(tab, written):
    def open_it(**options):
        tab.page.goto(written(**options).as_uri())
        tab.page.wait_for_selector(".lnb-table tbody tr")
        return tab

    return open_it


def names(tab):
    return tab.page.locator("tbody th[scope=row] .lnb-name").all_inner_texts()


def carried(path):
    form, text = re.search(r'id="data"(.*?)>(.*?)</script>', path.read_text(encoding="utf-8"), re.S).groups()
    return json.loads(gzip.decompress(b64decode(text)) if "gzip" in form else text)


def test_the_page_allows_its_own_script_and_style_and_nothing_else(written):
    text = written().read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', text)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(r"<(?:link|img|iframe|script src|base)\b", text.split('<script type="module">')[0])


def test_the_page_has_no_user_and_no_figure_that_is_not_shown_or_drawn(written, faces):
    frame = faces.tree_frame(GROUPS).assign(lowest_score=12345.5, user_id="canary")
    data = carried(written(frame=frame, field=None))
    assert [figure["key"] for figure in data["figures"]] == ["population", "mean_percent"]
    assert "canary" not in json.dumps(data)


def test_large_data_are_compressed_and_say_the_same(written, monkeypatch):
    plain = carried(written())
    monkeypatch.setattr(page_module, "PLAIN_BYTES", 10)
    path = written()
    assert 'data-form="gzip"' in path.read_text(encoding="utf-8")
    assert carried(path) == plain


def test_the_same_groups_give_the_same_file(written):
    assert written().read_bytes() == written().read_bytes()


def test_without_scripts_there_is_the_table_of_the_first_level(written):
    text = written().read_text(encoding="utf-8")
    table = re.search(r"<noscript>(.*?)</noscript>", text, re.S)[1]
    assert '<th scope="row">Oregon</th><td>5</td><td>52.5</td>' in table
    assert "Salem" not in table


def test_a_frame_without_a_column_of_the_table_is_refused(written, faces):
    with pytest.raises(ColumnError, match="mean_percent"):
        written(frame=faces.tree_frame(GROUPS).drop(columns="mean_percent"))


@pytest.mark.parametrize("kept", [slice(1, None), slice(0, 0)])
def test_groups_without_one_above_them_all_are_refused(written, faces, kept):
    with pytest.raises(InputError, match="one group and all that lie between"):
        written(frame=faces.tree_frame(GROUPS).iloc[kept])


def test_a_group_whose_parent_lacks_is_named(written, faces):
    frame = faces.tree_frame(GROUPS)
    with pytest.raises(InputError, match="Reno"):
        written(frame=frame[frame["group_name"] != "Nevada"])


@pytest.mark.parametrize("size", [0, 201])
def test_a_page_of_the_table_has_1_to_200_rows(written, size):
    with pytest.raises(InputError, match="page_size"):
        written(page_size=size)


def test_a_folder_that_is_not_there_is_an_error(faces, tmp_path):
    with pytest.raises(InputError, match="no directory"):
        write_table_page(
            tmp_path / "none" / "x.html",
            pd.DataFrame({"a": ["x"]}),
            title="T",
            columns=[faces.column("a", "A", "text")],
            unit="rows",
        )


def test_a_page_of_a_group_names_the_levels_below_it(written, faces):
    frame = faces.tree_frame(GROUPS)
    below = frame[[path[:1] == ("Oregon",) for path in frame["group_path"]]]
    data = carried(written(frame=below))
    assert (data["names"][0], data["levels"][0], data["units"][0]) == ("Oregon", "School", "schools")


@pytest.fixture
def without_vega(monkeypatch):
    def refuse(source):
        raise MissingExtra("vl-convert-python", "lab", "Drawing charts in the browser")

    monkeypatch.setattr(page_module, "bundled", refuse)


@pytest.mark.browser
def test_without_vega_there_are_tables_and_a_sentence(without_vega, opened):
    tab = opened()
    tab.page.get_by_role("button", name="Oregon").click()
    assert set(names(tab)) == {"Salem", "=Bend"}
    assert "no charts" in tab.page.locator("footer").inner_text()
    assert tab.page.locator("figure").count() == 0


@pytest.mark.browser
def test_it_drills_down_by_keys_and_comes_back(opened):
    tab = opened()
    assert names(tab) == ["Nevada", "Oregon"]
    tab.page.locator("tbody tr").first.focus()
    tab.page.keyboard.press("End")
    tab.page.keyboard.press("Enter")
    assert set(names(tab)) == {"Salem", "=Bend"}
    assert tab.page.locator("caption").inner_text() == "Schools of Oregon"
    assert tab.page.locator("thead th").first.inner_text() == "School"
    assert tab.page.locator(".lnb-own td").all_inner_texts() == ["5", "52.5"]
    tab.page.keyboard.press("Backspace")
    assert names(tab) == ["Nevada", "Oregon"]
    assert "Oregon" in tab.focused()


@pytest.mark.browser
def test_it_sorts_filters_and_pages(opened):
    groups = {(f"School {number:03}", "x"): [float(number % 7)] for number in range(120)}
    tab = opened(groups=groups, sort={"field": "mean_percent", "order": "desc"})
    assert names(tab)[:2] == ["School 006", "School 013"]
    assert len(names(tab)) == 50
    tab.page.get_by_role("button", name="Next page").click()
    assert tab.page.locator(".lnb-place").inner_text() == "51–100 of 120 districts"
    tab.page.get_by_role("button", name="Mean").click()
    assert names(tab)[0] == "School 000"
    tab.page.get_by_role("searchbox").fill("SCHOOL 11")
    tab.page.wait_for_function("() => document.querySelectorAll('tbody tr').length === 10")
    assert "filtered, sorted by Mean, ascending" in tab.page.locator("[aria-live]").inner_text()


@pytest.mark.browser
def test_the_chart_follows_the_table_and_a_mark_opens_its_group(opened):
    tab = opened()
    tab.page.wait_for_selector("path[aria-roledescription=bar]")
    for kind, mark in {
        "Ranking": "circle",
        "Cumulative distribution": "line mark",
        "Score and attempts": "circle",
    }.items():
        tab.page.get_by_text(kind, exact=True).click()
        tab.page.wait_for_selector(f".lnb-canvas [aria-roledescription='{mark}']")
    tab.page.get_by_text("Ranking", exact=True).click()
    tab.page.locator(".lnb-canvas path[aria-label*='Oregon'][aria-roledescription=circle]").click()
    assert set(names(tab)) == {"Salem", "=Bend"}
    assert tab.page.locator(".lnb-title").inner_text() == "Ranking: Oregon"
    assert "Highest: Salem 60." in tab.page.get_by_role("figure").get_attribute("aria-label")


@pytest.mark.browser
def test_groups_without_a_distribution_say_so(opened, faces):
    tab = opened(distributions={(): faces.distributions(GROUPS)[()]})
    tab.page.get_by_role("button", name="Nevada").click()
    tab.page.wait_for_function(
        "() => document.querySelector('figcaption').textContent.includes('holds no distribution')"
    )


@pytest.mark.browser
def test_withheld_groups_show_nothing(opened, faces):
    frame = faces.tree_frame(GROUPS)
    frame["withheld"] = frame["group_name"] == "Nevada"
    frame.loc[frame["withheld"], ["population", "mean_percent"]] = None
    tab = opened(frame=frame)
    row = tab.page.locator("tbody tr", has_text="Nevada")
    assert row.locator("td").all_inner_texts() == ["–", "–"]
    assert row.locator(".lnb-note").inner_text() == "withheld"


@pytest.mark.browser
def test_the_csv_of_a_view_reads_back_as_the_frame(opened, faces, tmp_path):
    tab = opened(sort={"field": "population", "order": "asc"})
    tab.page.get_by_role("button", name="Oregon").click()
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="CSV").click()
    frame = faces.tree_frame(GROUPS)
    below = frame[[path[:1] == ("Oregon",) and len(path) == 2 for path in frame["group_path"]]]
    to_csv(below[["group_name", "population", "mean_percent"]].sort_values("population"), tmp_path / "theirs.csv")
    ours, theirs = pd.read_csv(download.value.path()), pd.read_csv(tmp_path / "theirs.csv")
    pd.testing.assert_frame_equal(ours, theirs, check_exact=True)
    assert ours["group_name"].tolist() == ["'=Bend", "Salem"]
    assert download.value.suggested_filename == "schools.csv"


@pytest.mark.browser
def test_compressed_data_are_read(opened, monkeypatch):
    monkeypatch.setattr(page_module, "PLAIN_BYTES", 10)
    assert names(opened()) == ["Nevada", "Oregon"]


@pytest.mark.browser
def test_a_table_page_filters_by_chips(tab, faces, tmp_path):
    frame = pd.DataFrame(
        {
            "username": ["ann", "bob", "cyd", "dee"],
            "attempted": [3.0, None, 12.0, 7.0],
            "attempted_range": ["below_average", None, "above_average", "average"],
            "segments": [["struggling", "inactive"], [], ["highly_engaged"], ["struggling"]],
            "cohort": ["A", "A", None, "B"],
        }
    )
    columns = [
        faces.column("username", "Learner", "text"),
        faces.column("attempted", "Attempted", "zone"),
        faces.column("segments", "Segments", "list"),
    ]
    path = write_table_page(
        tmp_path / "roster.html",
        frame,
        title="Learners",
        columns=columns,
        unit="learners",
        chips={"segments": "Segment", "cohort": "Cohort"},
        sort={"field": "attempted", "order": "desc"},
    )
    tab.page.goto(path.as_uri())
    tab.page.wait_for_selector("tbody tr")
    assert names(tab) == ["cyd", "dee", "ann", "bob"]
    tab.page.get_by_role("button", name="struggling").click()
    assert names(tab) == ["dee", "ann"]
    tab.page.get_by_role("group", name="Cohort").get_by_role("button", name="A 2").click()
    assert names(tab) == ["ann"]
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="CSV").click()
    assert (
        download.value.path().read_text()
        == 'username,attempted,attempted_range,segments\nann,3,below,"[""struggling"",""inactive""]"\n'
    )
