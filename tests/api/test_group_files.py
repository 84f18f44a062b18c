"""``reports/datasets`` get, and the group files behind its URLs."""

from __future__ import annotations

import json
import math
from hashlib import md5
from uuid import uuid4

import pytest

KRABAPPEL = [9, 10, 12, 13, 14, 18, 18, 20, 20]  # 134 in all, median 14
HOOVER = [2, 3, 4, 6, 8, 8, 17]  # 48 in all, median 6
PATH = ["Oregon", "Springfield Elementary"]
FIELDS = ["population", "lowest_score", "highest_score", "mean_score", "median_score", "mean_percent", "median_percent"]


def group_id(path: list[str]) -> str:
    return md5(json.dumps(path, separators=(",", ":")).encode()).hexdigest()


@pytest.fixture(scope="module")
def springfield(module_api) -> str:
    """The dataset of the specification's example file."""
    api = module_api
    classes = {"7_hoover": HOOVER, "7_krabappel": KRABAPPEL}
    sessions, lines = [], []
    for name, scores in classes.items():
        for number, score in enumerate(scores):
            user = f"{name}-{number}"
            sessions.append(api.session(f"s-{user}", user, score, attempted_max_score=10, unscored_max_score=0))
            lines.append(api.line(user, [f"s-{user}"], *PATH, name))
    api.have(*sessions)
    options = {"fields": FIELDS, "user_fields": ["max_score", "score", "attempted_max_score", "seen_activities"]}
    groups = [{"key": key} for key in ("state", "school", "class")]
    return api.build(lines, options=options, groups=groups)


def test_the_specifications_example_number_for_number(module_api, springfield) -> None:
    [url] = module_api.urls(springfield, PATH)
    response = module_api.http.get(url)
    assert response.headers["Content-Type"] == "application/json"
    ids = {name: group_id([*PATH, name]) for name in ("7_krabappel", "7_hoover")}
    krabappel = [ids["7_krabappel"], [*PATH, "7_krabappel"], "7_krabappel", 9, 9, 20, 14.88, 14, 74.44444444444, 70]
    expected = {
        "group_id": group_id(PATH),
        "group_name": "Springfield Elementary",
        "group_path": PATH,
        "fields": ["group_id", "group_path", "group_name", *FIELDS],
        "sort_field": "population",
        "sort_order": "desc",
        "rows_per_page": 1000,
        "rows_total": 2,
        "self": [group_id(PATH), PATH, "Springfield Elementary", 16, 2, 20, 11.37, 11, 56.875, 55],
        "rows": [
            krabappel,
            [ids["7_hoover"], [*PATH, "7_hoover"], "7_hoover", 7, 2, 17, 6.85, 6, 34.28571428571, 30],
        ],
    }
    # As text: 11 and not 11.0, the ten keys and no more, in the documented order.
    assert response.text == json.dumps(expected, separators=(",", ":"))


def test_the_root_holds_every_user(module_api, springfield) -> None:
    file = module_api.file(springfield)
    assert (file["group_id"], file["group_name"], file["group_path"]) == (group_id([]), "", [])
    assert file["self"][:4] == [group_id([]), [], "", 16]
    assert [row[1] for row in file["rows"]] == [["Oregon"]]


def test_urls_come_in_the_order_of_the_paths_also_of_unknown_ones(module_api, springfield) -> None:
    paths = [["Ohio"], [], [*PATH, "7_hoover"], ["Oregon"], [], [*PATH, "7_hoover", "deeper"]]
    request = {"dataset_type": module_api.type, "dataset_id": springfield, "group_paths": paths}
    answer = module_api.call("reports/datasets", request)
    assert answer.meta["records"] == len(paths)
    stems = [url.partition("?")[0].rpartition("/")[2] for url in answer.data]
    assert stems == [f"{group_id(path)}_1.json" for path in paths]
    prefix = f"{module_api.url}/reports/0007/{module_api.type}/{springfield}/outfiles/"
    assert all(url.startswith(prefix) for url in answer.data)
    statuses = [module_api.http.get(url).status_code for url in answer.data]
    assert statuses == [404, 200, 200, 200, 200, 404]


def test_users_stand_at_the_last_level_by_the_first_user_field(module_api, springfield) -> None:
    users = module_api.file(springfield, *PATH, "7_krabappel")["users"]
    assert list(users) == ["fields", "sort_field", "sort_order", "rows_per_page", "rows_total", "rows"]
    assert users["fields"] == ["user_id", "max_score", "score", "attempted_max_score", "seen_activities"]
    assert (users["sort_field"], users["sort_order"], users["rows_total"]) == ("max_score", "desc", 9)
    expected = [[f"7_krabappel-{number}", 20, score, 10, 1] for number, score in enumerate(KRABAPPEL)]
    assert users["rows"] == expected  # all maxima are equal: by user id


def test_a_distribution_is_added_when_asked_for(module_api, springfield) -> None:
    file = module_api.file(springfield, *PATH, include=["distribution"])
    assert list(file)[-1] == "distribution"
    score = file["distribution"]["score"]
    assert dict(zip(score["values"], score["counts"], strict=True)) == {
        value: (HOOVER + KRABAPPEL).count(value) for value in HOOVER + KRABAPPEL
    }
    assert score["values"] == sorted(score["values"])
    assert sum(file["distribution"]["percent"]["counts"]) == 16
    assert "distribution" not in module_api.file(springfield, *PATH, include=[])


def test_descendants_are_added_when_asked_for(module_api, springfield) -> None:
    file = module_api.file(springfield, include=["descendants", "distribution"])
    assert list(file)[-2:] == ["descendants", "distribution"]
    rows = file["descendants"]["rows"]
    assert file["descendants"]["rows_total"] == len(rows)
    for row in rows:
        assert row == module_api.file(springfield, *row[1])["self"]


@pytest.mark.parametrize("page", [2, 10**9 - 1])
def test_a_page_past_the_end_is_absent(module_api, springfield, page) -> None:
    [url] = module_api.urls(springfield, PATH, page=page)
    assert f"_{page}.json?" in url
    assert module_api.http.get(url).status_code == 404


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"group_paths": None}, (400, 20003)),
        ({"group_paths": "Oregon"}, (400, 20003)),
        ({"group_paths": ["Oregon"]}, (400, 20003)),
        ({"group_paths": [["Oregon", 7]]}, (400, 20003)),
        ({"page": 0}, (400, 20004)),
        ({"page": "1"}, (400, 20004)),
        ({"page": True}, (400, 20004)),
        ({"page": 10**9}, (400, 20004)),
        ({"include": "distribution"}, (400, 20004)),
        ({"include": ["users"]}, (400, 20004)),
        ({"dataset_id": str(uuid4())}, (404, 20012)),
        ({"dataset_id": "x"}, (400, 20004)),
        ({"dataset_type": "lastscore"}, (400, 44000)),
    ],
)
def test_a_get_that_cannot_be_is_refused(module_api, springfield, changes, refused) -> None:
    request = {"dataset_type": module_api.type, "dataset_id": springfield, "group_paths": [[]], **changes}
    answer = module_api.call("reports/datasets", request)
    assert answer.refused == refused
    assert answer.body["data"] == []


def test_group_paths_must_be_there_and_may_be_none(module_api, springfield) -> None:
    request = {"dataset_type": module_api.type, "dataset_id": springfield}
    assert module_api.call("reports/datasets", request).refused == (400, 20000)
    assert module_api.call("reports/datasets", {**request, "group_paths": []}).meta["records"] == 0


def test_another_consumer_finds_no_dataset_and_a_url_of_its_own_opens_nothing(other, springfield) -> None:
    request = {"dataset_type": other.type, "dataset_id": springfield, "group_paths": [[]]}
    assert other.call("reports/datasets", request).refused == (404, 20012)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "HEAD"])
def test_a_group_files_url_allows_a_get_only(module_api, springfield, method) -> None:
    [url] = module_api.urls(springfield, [])
    assert module_api.http.request(method, url).status_code == 403


@pytest.mark.parametrize("change", ["&include=distribution", "&x=1", "x"])
def test_a_changed_url_is_refused(module_api, springfield, change) -> None:
    [url] = module_api.urls(springfield, [])
    assert module_api.http.get(url + change).status_code == 403
    assert module_api.http.get(url.replace("_1.json", "_2.json")).status_code == 403


def test_the_urls_of_a_dataset_that_is_not_compiled_lead_to_nothing_yet(api) -> None:
    dataset_id = api.upload(api.ndjson([api.line("u", ["s"], "x", "y")]))
    [url] = api.urls(dataset_id, [])
    assert api.http.get(url).status_code == 404


NAMES = [
    *[
        "名/é%2F",
        "a/b",
        "%2e%2e",
        "..",
        ".",
        "a b+c&d=e?f#g",
        "quote \" and ' and \\",
        "\u202eلغة \u05e2\u05d1\u05e8\u05d9\u05ea",
    ],
    *["👩‍🏫🏽", "__proto__", "constructor", "<script>alert(1)</script>", "'; DROP TABLE jobs;--", "=HYPERLINK(1)"],
    *["\x00", "line\nbreak", "a\u2028b", " padded ", "e\u0301", "é", "x" * 300, "con", "nul.json"],
]


def test_group_names_may_be_any_text(api) -> None:
    lines = [api.line(f"u{number}", [], name, name) for number, name in enumerate(NAMES)]
    dataset_id = api.build(lines, options={"fields": ["population"], "user_fields": ["score"]})
    root = api.file(dataset_id)
    assert [row[2] for row in root["rows"]] == sorted(NAMES)
    for number, name in enumerate(NAMES):
        [row] = api.file(dataset_id, name)["rows"]
        assert row == [group_id([name, name]), [name, name], name, 1]
        assert api.file(dataset_id, name, name)["users"]["rows"] == [[f"u{number}", None]]


@pytest.fixture(scope="module")
def county(module_api) -> str:
    """2,410 groups of one user and two of none with a score; one group more with 1,005 users."""
    api = module_api
    sessions = [api.session(f"s{n}", f"u{n}", score=n // 10) for n in range(2410)]
    lines = [api.line(f"u{n}", [f"s{n}"], "county", f"{n:04}") for n in range(2410)]
    lines += [api.line(f"nobody-{n}", [], "county", f"empty {n}") for n in (2, 1)]
    sessions += [api.session(f"t{n}", f"v{n:04}", score=n % 5) for n in range(1000)]
    lines += [api.line(f"v{n:04}", [f"t{n}"], "other", "big") for n in reversed(range(1005))]
    api.have(*sessions)
    options = {"fields": ["mean_score", "population"], "user_fields": ["score", "max_score"]}
    order = {"default_sort_field": "mean_score", "default_users_sort_field": "score"}
    return api.build(lines, options={**options, **order})


def test_a_thousand_rows_make_a_page_sorted_with_nulls_last_and_ties_by_name(module_api, county) -> None:
    pages = [module_api.file(county, "county", page=page) for page in (1, 2, 3)]
    assert [len(page["rows"]) for page in pages] == [1000, 1000, 412]
    assert {page["rows_total"] for page in pages} == {2412}
    assert len({tuple(map(str, page["self"])) for page in pages}) == 1
    found = [(row[2], row[3]) for page in pages for row in page["rows"]]
    scored = sorted(((f"{n:04}", n // 10) for n in range(2410)), key=lambda pair: (-pair[1], pair[0]))
    assert found == [*scored, ("empty 1", None), ("empty 2", None)]
    [url] = module_api.urls(county, ["county"], page=4)
    assert module_api.http.get(url).status_code == 404


def test_users_have_pages_too_with_nulls_last_and_ties_by_id(module_api, county) -> None:
    pages = [module_api.file(county, "other", "big", page=page)["users"] for page in (1, 2)]
    assert [(page["rows_total"], len(page["rows"])) for page in pages] == [(1005, 1000), (1005, 5)]
    found = [(row[0], row[1]) for page in pages for row in page["rows"]]
    scored = sorted(((f"v{n:04}", n % 5) for n in range(1000)), key=lambda pair: (-pair[1], pair[0]))
    assert found == [*scored, *((f"v{n:04}", None) for n in range(1000, 1005))]


@pytest.mark.parametrize(
    ("order", "expected"), [("asc", ["b", "c", "a", "d", "e"]), ("desc", ["a", "b", "c", "d", "e"])]
)
def test_both_orders_put_nulls_last_and_break_ties_by_name(api, order, expected) -> None:
    scores = {"a": 9, "c": 5, "b": 5, "e": None, "d": None}
    api.have(*(api.session(f"s-{name}", name, score) for name, score in scores.items()))
    lines = [api.line(name, [f"s-{name}"], "x", name) for name in scores]
    more = [{**line, "group_path": ["y", "all"]} for line in lines]
    options = {"fields": ["population", "mean_percent"], "default_sort_field": "mean_percent", "user_fields": ["score"]}
    orders = {"default_sort_order": order, "default_users_sort_order": order}
    dataset_id = api.build(lines + more, options={**options, **orders})
    file = api.file(dataset_id, "x")
    assert (file["sort_field"], file["sort_order"]) == ("mean_percent", order)
    assert [row[2] for row in file["rows"]] == expected
    assert [row[0] for row in api.file(dataset_id, "y", "all")["users"]["rows"]] == expected


def test_figures_without_a_value_are_null_and_never_nan(api) -> None:
    """N41, N42: a maximum of 0, a negative score, one over the maximum, none at all, and very large ones."""
    api.have(
        api.session("zero", "zero", 0, 0),
        api.session("over", "over", 30, 20),
        api.session("minus", "minus", -5, 20),
        api.session("none", "none", None, None),
        api.session("huge", "huge", 1e99, 1e99),
    )
    names = ["zero", "over", "minus", "none", "huge", "absent"]
    lines = [api.line(name, [name], name, "all") for name in names]
    fields = ["group_count", "population", "mean_score", "stddev_score", "mean_percent", "p99_percent"]
    dataset_id = api.build(lines, options={"fields": [*fields, "mean_attempted_percent", "mean_seen_activities"]})
    rows = {row[2]: row[3:] for row in api.file(dataset_id)["rows"]}
    assert rows["zero"] == [1, 1, 0, None, None, None, None, 1]
    assert rows["over"] == [1, 1, 30, None, 150, 150, None, 1]
    assert rows["minus"] == [1, 1, -5, None, -25, -25, None, 1]
    assert rows["none"] == [1, 1, None, None, None, None, None, 1]
    assert rows["absent"] == [1, 1, None, None, None, None, None, 0]
    assert math.isclose(rows["huge"][2], 1e99)
    assert api.file(dataset_id, include=["distribution"])["distribution"]["score"]["counts"] == [1, 1, 1, 1]


def test_status_time_and_user_decide_which_sessions_count(api) -> None:
    moment = {"early": "2026-01-01T00:00:00Z", "late": "2026-01-31T00:00:00Z"}
    api.have(
        api.session("first", "u", 1, dt_completed=moment["early"], status="Completed"),
        api.session("last", "u", 2, dt_completed=moment["late"], status="Completed"),
        api.session("before", "u", 4, dt_completed="2025-12-31T23:59:59Z", status="Completed"),
        api.session("after", "u", 8, dt_completed="2026-01-31T00:00:01Z", status="Completed"),
        api.session("open", "u", 16, dt_completed=moment["early"], status="Incomplete"),
        api.session("undated", "u", 32, status="Completed"),
        api.session("theirs", "v", 64, dt_completed=moment["early"], status="Completed"),
    )
    every = ["first", "last", "before", "after", "open", "undated", "theirs", "unknown"]
    lines = [api.line("u", every, "x", "y")]
    options = {"fields": ["mean_score", "population"], "user_fields": ["score", "seen_activities"]}
    bounds = {"mintime": moment["early"], "maxtime": 1_769_817_600}
    expected = {
        "all": ({}, 1 + 2 + 4 + 8 + 32, 5, 1),
        "between": (bounds, 1 + 2, 2, 4),
        "from": ({"mintime": bounds["mintime"]}, 1 + 2 + 8, 3, 3),
        "until": ({"maxtime": bounds["maxtime"]}, 1 + 2 + 4, 3, 3),
        "none": ({"maxtime": "1950-01-01"}, None, 0, 6),
    }
    built = [api.upload(api.ndjson(lines), options=options, filters=filters) for filters, *_ in expected.values()]
    references = [api.start(dataset_id).data["job_reference"] for dataset_id in built]
    for dataset_id, reference, (_, score, counted, uncounted) in zip(built, references, expected.values(), strict=True):
        ended = api.wait(reference)
        counts = {"counted": counted, "unknown": 1, "user_mismatch": 1, "not_counted": uncounted}
        assert ended["data"]["sessions"] == counts
        assert api.file(dataset_id, "x")["self"][3:] == [score, 1]
        assert api.file(dataset_id, "x", "y")["users"]["rows"] == [["u", score, counted]]


def test_a_user_in_two_leaves_counts_once_above_with_all_sessions(api) -> None:
    api.have(api.session("s1", "u", 4), api.session("s2", "u", 6), api.session("s3", "v", 20))
    lines = [
        api.line("u", ["s1"], "x", "y"),
        api.line("u", ["s2"], "x", "z"),
        api.line("u", ["s1"], "w", "y"),
        api.line("v", ["s3"], "x", "z"),
    ]
    dataset_id = api.build(lines, options={"fields": ["population", "mean_score", "mean_percent"]})
    assert api.file(dataset_id)["self"][3:] == [2, 15, 62.5]
    assert {row[2]: row[3:] for row in api.file(dataset_id)["rows"]} == {"x": [2, 15, 62.5], "w": [1, 4, 20]}
    assert {row[2]: row[3:] for row in api.file(dataset_id, "x")["rows"]} == {"y": [1, 4, 20], "z": [2, 13, 65]}
