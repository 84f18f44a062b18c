"""The learner API in this process, over files that a test may change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from learnosity_nb.credentials import Secret
from learnosity_nb.files.access import Access, TokenAccess
from learnosity_nb.local.app import App
from learnosity_nb.local.service import Service
from learnosity_nb.local.state.directory import open_state
from learnosity_nb.local.tables import DirectoryTables
from learnosity_nb.wire.in_process import InProcessTransport

COURSE = "course-v1:a+b+c"
NOW = 1_446_000_000.0
TOKENS = (TokenAccess(Secret("all")), TokenAccess(Secret("some"), (COURSE,)))


class Desk:
    """A service over a data directory, and the shortest words for what tests do to it."""

    course = COURSE

    def __init__(self, data: Path, state: Path) -> None:
        self.data = data
        self.write("learners", [self.learner("ann"), self.learner("ben")])
        self.write("engagement", [self.watched("ann")])
        tables = DirectoryTables(data)
        self.service = Service(tables, open_state(state, data=data), Access({}, TOKENS), lambda: NOW)
        transport = InProcessTransport(App(self.service))
        self.http = httpx.Client(transport=transport, base_url="http://local.invalid")

    @staticmethod
    def learner(username: str, course: str = COURSE, **more: Any) -> dict[str, Any]:
        return {"course_id": course, "username": username, **more}

    @staticmethod
    def watched(username: str, course: str = COURSE, date: str = "2015-10-20", video: str = "v") -> dict[str, Any]:
        names = {"course_id": course, "username": username, "date": date}
        return {**names, "entity_type": "video", "event": "viewed", "entity_id": video, "count": 1}

    def write(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Replace a data file at once; another length or another time makes it another version."""
        new = self.data / "new"
        new.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        new.replace(self.data / f"{table}.ndjson")

    def get(self, path: str, token: str = "all", **parameters: Any) -> httpx.Response:
        return self.http.get(f"/api/v0{path}", params=parameters, headers={"Authorization": f"Token {token}"})

    def names(self, course: str = COURSE) -> list[str]:
        found = self.get("/learners/", course_id=course)
        assert found.status_code == 200, found.text
        return [row["username"] for row in found.json()["results"]]

    def close(self) -> None:
        self.http.close()
        self.service.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "data").mkdir()
    opened = Desk(tmp_path / "data", tmp_path / "state")
    yield opened
    opened.close()
