"""The four endpoints of the learner analytics API.

Source: Learner analytics API, "Endpoints".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import numpy as np
from werkzeug import Request, Response

from ...compute.engagement import measure
from ...compute.segments import SEGMENTS
from ...compute.timelines import timeline
from ...domain.fields import near_names
from ...errors import shorten
from ...files.access import TokenAccess
from ..service import Service
from .course import Course
from .course_keys import well_formed
from .csv_answers import choose_columns, csv_response
from .parameters import RosterQuery, read_bounds, read_include, read_roster_query
from .refusals import LearnerRefusal
from .rendering import render_learners, render_metadata, render_timeline
from .routes import Route
from .tokens import may_read

__all__ = ["Call", "course_metadata", "json_response", "learner_detail", "learner_list", "learner_timeline"]

MOST_DAYS: Final = 3660
"""Ten years: the longest timeline that is answered at once."""


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request.

    Attributes
    ----------
    service
        The service.
    request
        The request.
    route
        What its path names.
    token
        Who asks.
    given
        The parameters of its query; of one given twice, the last.
    csv
        Whether to answer in CSV.
    """

    service: Service
    request: Request
    route: Route
    token: TokenAccess
    given: Mapping[str, str]
    csv: bool

    @property
    def now(self) -> datetime:
        """The service's clock, UTC."""
        return datetime.fromtimestamp(self.service.clock(), UTC)


def json_response(body: Any) -> Response:
    """Return an answer in JSON."""
    return Response(msgspec.json.encode(body), mimetype="application/json")


def learner_list(call: Call) -> Response:
    """Return one page of a course's learners."""
    course_id = _course_id(call)
    query = read_roster_query(call.given)
    course = _course(call, course_id)
    _check_values(course, query)
    found = course.select(query)
    pages = max(1, -(-len(found) // query.page_size))
    if query.page > pages:
        raise LearnerRefusal("page_not_found", f"there are {pages} pages, so there is no page {query.page}")
    rows = found[(query.page - 1) * query.page_size : query.page * query.page_size].astype(np.int64)
    metrics = course.figures.metrics.of(rows)
    window = course.figures.window or (None, None)
    results = render_learners(course, rows, metrics, window, call.service.access.account_url_base)
    following = _link(call, query.page + 1) if query.page < pages else None
    preceding = _link(call, query.page - 1) if query.page > 1 else None
    if call.csv:
        response = csv_response(choose_columns(call.given.get("fields", "")), results, course_id, call.now, "learners")
        links = [f'<{url}>; rel="{rel}"' for rel, url in (("next", following), ("prev", preceding)) if url]
        if links:
            response.headers["Link"] = ", ".join(links)
        return response
    return json_response(
        {"count": len(found), "num_pages": pages, "next": following, "previous": preceding, "results": results}
    )


def learner_detail(call: Call) -> Response:
    """Return one learner; with a range of days, the engagement of those days."""
    course_id = _course_id(call)
    bounds = read_bounds(call.given)
    course = _course(call, course_id)
    row = course.row_of(call.route.subject)
    if row is None:
        raise LearnerRefusal(
            "no_learner_for_course", f"{shorten(call.route.subject)} is no learner of {shorten(course_id)}"
        )
    rows = np.array([row], dtype=np.int64)
    metrics = course.figures.metrics.of(rows)
    window: tuple[int | None, int | None] = course.figures.window or (None, None)
    if bounds:
        own = course.figures.activity.of(row)
        window = bounds.filled(int(own.day.min()) if len(own.day) else None, own.end)
        metrics = measure(own, *(day if day is not None else own.end or 0 for day in window))
    [found] = render_learners(course, rows, metrics, window, call.service.access.account_url_base)
    return json_response(found)


def learner_timeline(call: Call) -> Response:
    """Return what a learner did on each day, from the first active day to the last or in a given range."""
    course_id = _course_id(call)
    bounds, include = read_bounds(call.given), read_include(call.given)
    course = _course(call, course_id)
    row = course.row_of(call.route.subject)
    own = None if row is None else course.figures.activity.of(row)
    if own is None or own.end is None or not len(own.day):
        raise LearnerRefusal(
            "no_learner_engagement_timeline",
            f"{shorten(call.route.subject)} was never active in {shorten(course_id)}, or is no learner of it",
        )
    first, last = int(own.day.min()), int(own.day.max())
    start, end = bounds.filled(first, own.end) if bounds else (first, last + 1)
    if end - start > MOST_DAYS:
        raise LearnerRefusal(
            "illegal_parameter_values",
            f"a timeline has at most {MOST_DAYS:,} days, not {end - start:,}: "
            "ask for fewer at once with start_date and end_date",
        )
    days = render_timeline(timeline(own, start, end), include)
    if call.csv:
        return csv_response(list(days[0]), days, course_id, call.now, "timeline")
    return json_response({"days": days})


def course_metadata(call: Call) -> Response:
    """Return a course's cohorts, segments, enrolment modes and engagement ranges."""
    return json_response(render_metadata(_course(call, call.route.subject)))


def _course_id(call: Call) -> str:
    """Return the course key of a query, which is well formed; one that names a course of the data needs no form."""
    course_id = call.given.get("course_id", "")
    if not course_id:
        raise LearnerRefusal("course_not_specified", "name a course with course_id")
    if well_formed(course_id) or (may_read(call.token, course_id) and course_id in call.service.courses):
        return course_id
    raise LearnerRefusal(
        "course_key_malformed",
        f"{shorten(course_id)} is no course key; expected org/course/run or course-v1:org+course+run, with %2B for +",
    )


def _course(call: Call, course_id: str) -> Course:
    if not may_read(call.token, course_id):
        raise LearnerRefusal("permission_denied", f"this token may not read {shorten(course_id)}")
    course = call.service.courses.find(course_id)
    if course is None:
        others = [name for name in call.service.courses if may_read(call.token, name)]
        raise LearnerRefusal(
            "course_not_found", f"there is no course {shorten(course_id)}{near_names(course_id, others)}"
        )
    return course


def _check_values(course: Course, query: RosterQuery) -> None:
    unknown = [name for name in (*query.segments, *query.ignore_segments) if name not in SEGMENTS]
    if unknown:
        named = ", ".join(shorten(name) for name in unknown[:3])
        raise LearnerRefusal("segment_not_found", f"there is no segment {named}; there are {', '.join(SEGMENTS)}")
    for column in ("cohort", "enrollment_mode"):
        value = getattr(query, column)
        if value and value not in course.tallies[column]:
            raise LearnerRefusal(f"{column}_not_found", f"no learner of the course has the {column} {shorten(value)}")


def _link(call: Call, page: int) -> str:
    """Return the address of another page: the same query, without a page where it is the first."""
    kept = [(key, value) for key, value in call.request.args.items(multi=True) if key != "page"]
    query = urlencode([*kept, ("page", page)] if page > 1 else kept)
    return f"{call.request.host_url.rstrip('/')}{call.route.path}?{query}"
