"""Courses behind both mounts, and a caller of the learner API that only knows HTTP."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest

DEMO = "course-v1:edX+DemoX+Demo_2014"
"""Also the only course of the token `one-course`."""
RATIOS = "course-v1:edX+Ratios+1"
MANY = "course-v1:edX+Many+2015"
SPECIFIED = "my/cool/course"
QUIET = "edX/Quiet/2015"
MISDATED = "edX/Misdated/2015"
FREE = "Algebra 1"
D = date(2015, 10, 26)

Row = dict[str, Any]


@dataclass
class World:
    """The rows of both files, and the rules read from them one row at a time."""

    learners: list[Row] = field(default_factory=list)
    engagement: list[Row] = field(default_factory=list)

    def learner(self, course: str, username: str, **more: Any) -> None:
        self.learners.append({"course_id": course, "username": username, **more})

    def act(self, course: str, username: str, day: int, what: str, entity: str, count: int = 1) -> None:
        """Add a row `day` days before D."""
        kind, event = {
            "try": ("problem", "attempted"),
            "solve": ("problem", "completed"),
            "watch": ("video", "viewed"),
            "post": ("discussion", "contributed"),
            "look": ("page", "viewed"),
        }[what]
        names = {"course_id": course, "username": username, "date": str(D - timedelta(day))}
        self.engagement.append({**names, "entity_type": kind, "event": event, "entity_id": entity, "count": count})

    def users(self, course: str) -> list[str]:
        return [row["username"] for row in self.learners if row["course_id"] == course]

    def week(self, course: str) -> dict[str, Row]:
        """Each learner's figures of the last seven days, whether active then, and in the week before."""
        found: dict[str, Row] = {}
        rows = defaultdict(list)
        for row in self.engagement:
            if row["course_id"] == course and row["entity_type"] != "page":
                rows[row["username"]].append(row)
        for user in self.users(course):
            week = [row for row in rows[user] if str(D - timedelta(7)) <= row["date"] < str(D)]
            before = [row for row in rows[user] if str(D - timedelta(14)) <= row["date"] < str(D - timedelta(7))]
            tried, solved, watched, posted = (
                [row for row in week if row["event"] == event]
                for event in ("attempted", "completed", "viewed", "contributed")
            )
            attempts, completed = sum(row["count"] for row in tried), len({row["entity_id"] for row in solved})
            found[user] = {
                "discussion_contributions": sum(row["count"] for row in posted),
                "problems_attempted": len({row["entity_id"] for row in tried}),
                "problems_completed": completed,
                "videos_viewed": len({row["entity_id"] for row in watched}),
                "problem_attempts_per_completed": attempts / completed if completed else None,
                "attempts": attempts,
                "active": bool(week),
                "active_before": bool(before),
            }
        return found

    def bounds(self, course: str, metric: str) -> tuple[float, float]:
        """The 15th and 85th percentiles of the active learners; of those who tried a problem, for the ratio."""
        active = [one for one in self.week(course).values() if one["active"]]
        values = [one[metric] for one in active]
        if metric == "problem_attempts_per_completed":
            values = [float("inf") if one[metric] is None else one[metric] for one in active if one["attempts"]]
        with np.errstate(invalid="ignore"):
            low, high = np.nan_to_num(np.percentile(values, [15, 85]), nan=np.inf, posinf=np.inf).tolist()
        return low, high


def make_world() -> World:
    world = World()
    _demo(world)
    _ratios(world)
    _specified(world)
    _many(world, random.Random(3))
    world.learner(QUIET, "ann", enrollment_date="2015-09-01", enrollment_mode="audit")
    world.learner(QUIET, "ben", enrollment_date="2015-09-02", enrolled=False)
    world.act(QUIET, "ann", 3, "look", "page")
    world.learner(MISDATED, "ada")
    for day in (D - timedelta(1), date(215, 10, 25)):
        world.act(MISDATED, "ada", (D - day).days, "watch", "v")
    world.learner(FREE, "solo", name="So Lo")
    world.act(FREE, "solo", 1, "watch", "v")
    world.act("edX/Staff/Only", "staff", 1, "watch", "v")
    return world


def _demo(world: World) -> None:
    people = [
        ("alice", "Alice O'Brien-Smith", "alice@example.org", "honor", "Cohort A"),
        ("Zed", "Zed Zebra", "zed@example.org", "verified", "Cohort B"),
        ("bob", "Bob Smith", None, "honor", "Cohort A"),
        ("carol", None, "Carol@example.org", "audit", None),
        ("daniel", "Daniel Friedman", "dfriedman@example.org", "honor", "Größe 1"),
        ("élise", "Élise Smithson", "elise@example.org", "honor", "Cohort B"),
        ("pat@example.org", "Pat Lee", "pat@example.org", "verified", None),
        ("frank/x", "Frank 李 Zhang", "frank@example.org", "honor", None),
        ("a.b-c+d_e", "Eve Plus", "eve@example.org", "honor", None),
        ("idle", "Ida Idle", "idle@example.org", "honor", None),
    ]
    for username, name, email, mode, cohort in people:
        person = {"name": name, "email": email, "enrollment_mode": mode, "cohort": cohort}
        world.learner(DEMO, username, **person, enrollment_date="2015-10-01T08:30:00Z")
    world.learner(DEMO, "gone", name="Gone Girl", enrolled=False, enrollment_mode="audit")
    world.learner(DEMO, "left", name="Lefty Left", enrollment_mode="audit")
    for day, video in ((20, "v1"), (9, "v1"), (3, "v1"), (1, "v2")):
        world.act(DEMO, "alice", day, "watch", video, 5)
    for day in (5, 2):
        world.act(DEMO, "alice", day, "try", "p1", 3)
        world.act(DEMO, "alice", day, "post", "t1", 5)
    world.act(DEMO, "alice", 2, "solve", "p1")
    world.act(DEMO, "alice", 1, "look", "page")
    world.act(DEMO, "left", 8, "watch", "v1")
    for username in ("bob", "carol", "élise", "pat@example.org", "frank/x", "a.b-c+d_e"):
        world.act(DEMO, username, 4, "watch", "v1")
    world.act(DEMO, "staff", 4, "watch", "v9")


def _ratios(world: World) -> None:
    pairs = {"ten-five": (10, 5), "two-one": (2, 1), "six-two": (6, 2), "one-none": (1, 0), "ten-none": (10, 0)}
    for username, (attempts, completed) in pairs.items():
        world.learner(RATIOS, username)
        world.act(RATIOS, username, 2, "try", "p", attempts)
        for number in range(completed):
            world.act(RATIOS, username, 2, "solve", f"p{number}")
    world.learner(RATIOS, "watcher")
    world.act(RATIOS, "watcher", 1, "watch", "v")
    world.learner(RATIOS, "nobody")


def _specified(world: World) -> None:
    """The learner of the specification's example: 24 posts, 138 problems, 76 solved, 26 videos, 4.5 attempts each."""
    dan = "dan-friedman"
    world.learner(
        SPECIFIED,
        dan,
        name="Daniel Friedman",
        email="dfriedman@edx.org",
        enrollment_mode="honor",
        enrollment_date="2015-10-26 18:13:32.656640",
    )
    for number in range(138):
        world.act(SPECIFIED, dan, 1 + number % 7, "try", f"p{number}", 2 if number else 342 - 2 * 137)
    for number in range(76):
        world.act(SPECIFIED, dan, 1 + number % 7, "solve", f"p{number}")
    for number in range(26):
        world.act(SPECIFIED, dan, 1 + number % 7, "watch", f"v{number}", 3)
    world.act(SPECIFIED, dan, 3, "post", "t1", 11)
    world.act(SPECIFIED, dan, 6, "post", "t2", 13)


def _many(world: World, draw: random.Random) -> None:
    for number in range(260):
        user = f"user-{draw.randrange(10**6):06d}-{number}"
        world.learner(
            MANY,
            user,
            name=f"{draw.choice(['Ann', 'Bo', 'Cy'])} {draw.choice(['Day', 'Eve', 'Fay'])}",
            email=draw.choice([None, f"{number % 40}@example.org"]),
            cohort=draw.choice([None, "one", "two"]),
            enrollment_mode=draw.choice(["audit", "verified"]),
            enrollment_date=f"2015-09-{1 + number % 28:02d}",
            enrolled=draw.random() < 0.9,
        )
        for _ in range(draw.choice([0, 0, 1, 3, 8, 20])):
            day, problem = draw.randrange(1, 25), f"p{draw.randrange(8)}"
            world.act(MANY, user, day, "try", problem, draw.randrange(1, 4))
            if draw.random() < 0.6:
                world.act(MANY, user, day, "solve", problem)
            if draw.random() < 0.3:
                world.act(MANY, user, day, "watch", f"v{draw.randrange(5)}")
            if draw.random() < 0.2:
                world.act(MANY, user, day, "post", "t", draw.randrange(1, 4))
    world.act(MANY, "staff", 1, "look", "page")
    world.act(MANY, user, 1, "watch", "v0")


def write_world(world: World, data: Path) -> None:
    for name, rows in (("learners", world.learners), ("engagement", world.engagement)):
        (data / f"{name}.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


class Learners:
    """Calls the learner API with a token that may read everything, unless told otherwise."""

    demo, ratios, many, specified, quiet, free = DEMO, RATIOS, MANY, SPECIFIED, QUIET, FREE

    def __init__(self, url: str, http: httpx.Client, data: Path, world: World) -> None:
        self.url = url
        self.http = http
        self.data = data
        self.world = world

    def get(
        self,
        path: str,
        *,
        prefix: str = "/api/v0",
        token: str | None = "everything",
        accept: str | None = "application/json",
        method: str = "GET",
        headers: dict[str, str] | None = None,
        **parameters: Any,
    ) -> httpx.Response:
        given = {} if token is None else {"Authorization": f"Token {token}"}
        given |= {} if accept is None else {"Accept": accept}
        query = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in parameters.items())
        address = f"{self.url}{prefix}{path}" + (f"?{query}" if query else "")
        return self.http.request(method, address, headers={**given, **(headers or {})})

    def list(self, course: str = DEMO, **parameters: Any) -> Row:
        response = self.get("/learners/", course_id=course, **parameters)
        assert response.status_code == 200, response.text
        return strict(response)

    def names(self, course: str = DEMO, **parameters: Any) -> list[str]:
        """The usernames of all pages' learners."""
        return [row["username"] for row in self.list(course, page_size=100, **parameters)["results"]]

    def detail(self, username: str, course: str = DEMO, **parameters: Any) -> Row:
        response = self.get(f"/learners/{quote(username, safe='')}/", course_id=course, **parameters)
        assert response.status_code == 200, response.text
        return strict(response)

    def days(self, username: str, course: str = DEMO, **parameters: Any) -> list[Row]:
        path = f"/engagement_timelines/{quote(username, safe='')}/"
        response = self.get(path, course_id=course, **parameters)
        assert response.status_code == 200, response.text
        return strict(response)["days"]

    def metadata(self, course: str = DEMO) -> Row:
        response = self.get(f"/course_learner_metadata/{course}/")
        assert response.status_code == 200, response.text
        return strict(response)

    def refused(self, path: str, **more: Any) -> tuple[int, str]:
        """HTTP status and error code of a refusal, which has exactly the two keys."""
        response = self.get(path, **more)
        body = strict(response)
        assert list(body) == ["error_code", "developer_message"]
        assert body["developer_message"]
        assert response.headers["Content-Type"] == "application/json"
        return response.status_code, body["error_code"]


def strict(response: httpx.Response) -> Any:
    """JSON without NaN or Infinity."""
    return json.loads(response.text, parse_constant=pytest.fail)


@pytest.fixture(scope="session")
def world() -> World:
    return make_world()


@pytest.fixture(scope="session")
def learners(mount: Any, world: World) -> Learners:
    write_world(world, mount.data)
    return Learners(mount.url, mount.http, mount.data, world)


def pages(api: Learners, course: str, **parameters: Any) -> Iterable[Row]:
    """Every page, by following the links."""
    page = api.list(course, **parameters)
    yield page
    while page["next"]:
        response = api.http.get(page["next"], headers={"Authorization": "Token everything"})
        assert response.status_code == 200, response.text
        page = strict(response)
        yield page


@pytest.fixture(scope="session")
def all_pages() -> Any:
    return pages
