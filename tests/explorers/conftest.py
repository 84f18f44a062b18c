"""Explorers to test with: over real local datasets, small ones with hostile names and groups of few."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import Any

import ipywidgets
import numpy as np
import pandas as pd
import pytest
from ipywidgets.widgets.widget import Widget

import learnosity_nb as lnb
from learnosity_nb.explorers.group_explorer import GroupExplorer
from learnosity_nb.explorers.learner_explorer import LearnerExplorer

LEVELS = {"district": "District", "school": "School", "class": "Class"}
FIELDS = ["population", "group_count", "mean_percent", "p25_percent", "median_percent", "p75_percent", "mean_score"]
HOSTILE = [
    "</script><script>alert(1)</script>",
    'O\'Brien "the" <b>&amp;',
    '=HYPERLINK("http://x")',
    "zeile\neins",
    "{datum.id} ${x} %s {0}",
    "constructor",
    "ÄÖ ß İ 🦉 \u202e",
    "C:\\temp\\",
]

Make = Callable[..., GroupExplorer]


def crowd(names: list[str], *, seed: int = 3, users: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sessions and roster: classes from one learner up, some without a score, schools called `names`."""
    draw = np.random.default_rng(seed)
    at = (draw.random(users) ** 2 * 2 * len(names)).astype(int)
    roster = pd.DataFrame(
        {
            "user_id": [f"learner-{number:04d}" for number in range(users)],
            "session_id": [f"session {number}" for number in range(users)],
            "district": [f"district {one % 2}" for one in at],
            "school": [names[one // 2] for one in at],
            "class": [f"class {draw.integers(0, 4)}" for _ in range(users)],
        }
    )
    sessions = roster[["session_id", "user_id"]].assign(
        score=draw.integers(0, 21, users) / 2, max_score=10.0, attempted_max_score=draw.integers(5, 11, users) * 1.0
    )
    sessions.loc[draw.random(users) < 0.1, "score"] = np.nan
    return sessions, roster


@pytest.fixture(scope="session")
def dataset() -> Iterator[lnb.Dataset]:
    sessions, roster = crowd(HOSTILE)
    with lnb.connect_local(sessions=sessions, progress=False) as connection:
        yield connection.build_dataset(
            roster, LEVELS, fields=FIELDS, user_fields=["score", "max_score"], sort_field="mean_percent"
        )


@pytest.fixture(scope="session")
def counties() -> Iterator[lnb.Dataset]:
    """One county with 2,410 schools."""
    count = 2410 * 6
    roster = pd.DataFrame(
        {
            "user_id": [f"u{number}" for number in range(count)],
            "session_id": [f"s{number}" for number in range(count)],
            "county": "Kent",
            "school": [f"School of Saint Somebody {number % 2410:04d}" for number in range(count)],
        }
    )
    sessions = roster[["session_id", "user_id"]].assign(score=np.arange(count) % 41 / 4, max_score=10.0)
    with lnb.connect_local(sessions=sessions, progress=False) as connection:
        yield connection.build_dataset(roster, ["county", "school"], user_fields=["score"])


@pytest.fixture
def make(dataset: lnb.Dataset) -> Iterator[Make]:
    """Make explorers that are strict, and close them after the test."""
    made: list[GroupExplorer] = []

    def explorer(of: lnb.Dataset = dataset, **options: Any) -> GroupExplorer:
        made.append(GroupExplorer(of, **{"strict": True} | options))
        return made[-1]

    yield explorer
    for one in made:
        one.close()


class ByHand(Executor):
    """An executor whose work is done when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, lambda: work(*args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        for future, _ in self.waiting:
            future.cancel()

    def run(self) -> None:
        """Do all that waits, in order."""
        while self.waiting:
            future, work = self.waiting.pop(0)
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except Exception as error:  # noqa: BLE001
                future.set_exception(error)


@pytest.fixture
def by_hand() -> ByHand:
    return ByHand()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every state that widgets send to the browser from now on."""
    messages: list[dict[str, Any]] = []

    def send(self: Widget, message: dict[str, Any], buffers: Any = None) -> None:
        messages.append(message["state"])

    monkeypatch.setattr(ipywidgets.Widget, "_send", send)
    return messages


COURSE = "course-v1:Tests+T1+2026"
LAST_DAY = pd.Timestamp("2026-02-15")


def class_list(learners: int = 130) -> pd.DataFrame:
    """Learners with hostile names; cohorts of all sizes, one of 2 learners, and a mode of one."""
    at = np.arange(learners)
    return pd.DataFrame(
        {
            "course_id": COURSE,
            "username": [f"{HOSTILE[one % len(HOSTILE)]}-{one}" for one in at],
            "name": [f"{HOSTILE[one % len(HOSTILE)]} Secretname{one}" if one % 11 else None for one in at],
            "email": [f"secret{one}@mail.test" if one % 7 else None for one in at],
            "enrollment_mode": ["scholarship" if one == 3 else ["audit", "verified"][one % 2] for one in at],
            "enrollment_date": "2026-01-05",
            "cohort": [
                None if one % 13 == 0 else "two" if one in {4, 5} else ["<b>A</b>", "B: b", "C"][one % 3] for one in at
            ],
            "enrolled": at % 17 != 0,
        }
    )


def deeds(learners: pd.DataFrame) -> pd.DataFrame:
    """Three weeks of what learners did; every ninth did nothing, some tried and solved none."""
    draw = np.random.default_rng(5)
    rows = []
    for one, username in enumerate(learners["username"]):
        for _ in range(0 if one % 9 == 0 else int(draw.integers(1, 25))):
            day = LAST_DAY - pd.Timedelta(days=int(draw.integers(7 if one % 8 == 0 else 0, 21)))
            kind, event = [("problem", "attempted"), ("problem", "completed"), ("video", "viewed")][draw.integers(0, 3)]
            if one % 5 == 0 and event == "completed":
                kind, event = "discussion", "contributed"
            rows.append((username, f"{day:%Y-%m-%d}", kind, event, f"e{draw.integers(0, 9)}", int(draw.integers(1, 4))))
    rows.append((learners["username"].iloc[1], f"{LAST_DAY:%Y-%m-%d}", "video", "viewed", "last", 1))
    names = ["username", "date", "entity_type", "event", "entity_id", "count"]
    return pd.DataFrame(rows, columns=names).assign(course_id=COURSE)


@pytest.fixture(scope="session")
def school() -> Iterator[lnb.Connection]:
    """A connection to one course, `COURSE`."""
    learners = class_list()
    with lnb.connect_local(learners=learners, engagement=deeds(learners), progress=False) as connection:
        yield connection


@pytest.fixture
def look(school: lnb.Connection) -> Iterator[Callable[..., LearnerExplorer]]:
    """Make learner explorers that are strict, and close them after the test."""
    made: list[LearnerExplorer] = []

    def explorer(of: lnb.Connection = school, course_id: str = COURSE, **options: Any) -> LearnerExplorer:
        made.append(LearnerExplorer(of, course_id, **{"strict": True} | options))
        return made[-1]

    yield explorer
    for one in made:
        one.close()
