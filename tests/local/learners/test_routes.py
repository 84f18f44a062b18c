from __future__ import annotations

import pytest
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from learnosity_nb.local.learners.routes import find_route


def route(path_info: str, **environ: str) -> tuple[str, str] | None:
    given = EnvironBuilder(path="/").get_environ()
    for key in ("REQUEST_URI", "RAW_URI"):
        del given[key]
    found = find_route(Request({**given, "PATH_INFO": path_info, **environ}))
    return None if found is None else (found.endpoint, found.subject)


@pytest.mark.parametrize("key", ["REQUEST_URI", "RAW_URI"])
def test_the_path_is_taken_as_it_was_sent(key: str) -> None:
    given = {key: "/api/v0/learners/a%2Fb+c%2B%25?course_id=x/y/z"}
    assert route("/api/v0/learners/a/b+c+%", **given) == ("detail", "a/b+c+%")


@pytest.mark.parametrize("sent", ["", "http://proxy/api/v0/learners/x", "*"])
def test_without_a_path_as_it_was_sent_the_decoded_one_serves(sent: str) -> None:
    """A server behind a proxy may tell the whole address."""
    assert route("/api/v0/learners/a+b%", REQUEST_URI=sent) == ("detail", "a+b%")
    assert route("/api/v0/course_learner_metadata/a/b/c", REQUEST_URI=sent) == ("metadata", "a/b/c")


@pytest.mark.parametrize("raw", ["/api/v0/learners/%C3%A9lise", "/api/v0/learners/\xc3\xa9lise"])
def test_names_are_utf8_encoded_or_not(raw: str) -> None:
    assert route("/", REQUEST_URI=raw) == ("detail", "élise")


def test_bytes_that_are_no_text_are_no_failure() -> None:
    assert route("/", REQUEST_URI="/api/v0/learners/%FF%zz") == ("detail", "\ufffd%zz")


@pytest.mark.parametrize(
    "path",
    ["/", "/learners/", "/api", "/api/v0", "/api/v1/learners", "/api/v0/learners/courses/x/y/../", "/api/v0/health/x"],
)
def test_other_paths_are_nobodys(path: str) -> None:
    assert route("/", REQUEST_URI=path) is None or "courses" in path
