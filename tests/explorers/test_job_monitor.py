"""The job monitor over a real service in this process, driven by Python and by what its face writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from ipywidgets.widgets.widget import _instances
from pandas.testing import assert_frame_equal

import learnosity_nb as lnb
from learnosity_nb.local.datasets import compiling

LEVELS = ["school"]
NOW = datetime(2099, 1, 1, tzinfo=UTC)
ROSTER = pd.DataFrame({"user_id": ["u1", "u2"], "session_id": ["s1", "s2"], "school": ["A", "A"]})
SESSIONS = pd.DataFrame({"session_id": ["s1", "s2"], "user_id": ["u1", "u2"], "score": [1.0, 2.0], "max_score": 4.0})

Make = Callable[..., lnb.JobMonitor]


@pytest.fixture
def connection() -> Iterator[lnb.Connection]:
    with lnb.connect_local(sessions=SESSIONS, progress=False) as connection:
        yield connection


@pytest.fixture
def make(connection: lnb.Connection) -> Iterator[Make]:
    made: list[lnb.JobMonitor] = []

    def monitor(of: lnb.Connection = connection, **options: Any) -> lnb.JobMonitor:
        made.append(lnb.JobMonitor(of, **{"interval": 1000.0, "clock": lambda: NOW} | options))
        made[-1].settle(60)
        return made[-1]

    yield monitor
    for one in made:
        one.close()


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Semaphore]:
    """Let no build go on until the test gives it its turn."""
    semaphore, compiled = threading.Semaphore(0), compiling.summarize

    def in_turn(*given: Any, **options: Any) -> Any:
        semaphore.acquire(timeout=60)
        return compiled(*given, **options)

    monkeypatch.setattr(compiling, "summarize", in_turn)
    yield semaphore
    semaphore.release(10)


def start(connection: lnb.Connection) -> None:
    with pytest.raises(lnb.JobTimeout):
        connection.build_dataset(ROSTER, LEVELS, timeout=0)


def browser_sets(monitor: lnb.JobMonitor, **values: Any) -> None:
    monitor._face.set_state(values)


def view(monitor: lnb.JobMonitor) -> dict[str, Any]:
    shown: dict[str, Any] = monitor._face.view
    return shown


def test_a_job_goes_from_queued_to_completed(
    make: Make, connection: lnb.Connection, turns: threading.Semaphore
) -> None:
    monitor = make()
    assert repr(monitor) == "JobMonitor(0 jobs)"
    start(connection)
    start(connection)
    while sorted(connection.jobs()["status"]) != ["queued", "running"]:
        pass
    monitor.settle(60)
    assert repr(monitor) == "JobMonitor(2 jobs: 1 queued, 1 running)"
    turns.release(2)
    connection.wait(connection.jobs()["reference"])
    monitor.settle(60)
    assert repr(monitor) == "JobMonitor(2 jobs: 2 completed)"
    assert_frame_equal(monitor.value, connection.jobs())


def test_it_looks_of_itself_and_tells_those_who_observe(make: Make, connection: lnb.Connection) -> None:
    monitor = make(interval=0.05)
    seen = threading.Event()
    monitor.observe(lambda change: seen.set() if len(change.new) else None, "value")
    connection.build_dataset(ROSTER, LEVELS)
    assert seen.wait(60)


def test_a_monitor_made_later_shows_the_same_jobs(make: Make, connection: lnb.Connection) -> None:
    connection.build_dataset(ROSTER, LEVELS)
    first, again = make(), make(references=connection.jobs()["reference"].tolist())
    assert_frame_equal(first.value, again.value)
    assert again.code() == f"frame = lrn.jobs(references={connection.jobs()['reference'].tolist()!r})"
    assert len(make(references="unknown").value) == 0
    assert len(make(references=[]).value) == 0


def test_chips_filter_page_and_details_from_the_browser(make: Make, connection: lnb.Connection) -> None:
    for _ in range(3):
        connection.build_dataset(ROSTER, LEVELS)
    monitor = make(page_size=2)
    browser_sets(monitor, page=2)
    assert (monitor.page, view(monitor)["first"], len(monitor.value)) == (2, 3, 3)
    browser_sets(monitor, chips=["halted"])
    assert (monitor.status, monitor.page, len(monitor.value)) == (("halted",), 1, 0)
    browser_sets(monitor, chips=[])
    reference = monitor.value["reference"][1]
    browser_sets(monitor, filter=reference[:13].upper())
    assert monitor.value["reference"].tolist() == [reference]
    browser_sets(monitor, path=[reference])
    assert monitor.job == reference
    assert view(monitor)["unit"] == "data values"
    browser_sets(monitor, page=2)
    assert view(monitor)["page"] == 2
    browser_sets(monitor, path=[])
    assert (monitor.job, monitor.filter, monitor.page) == (None, reference[:13].upper(), 1)
    browser_sets(monitor, path=["no such job"])
    assert (monitor.job, monitor._face.path) == (None, [])


def test_what_python_sets_is_shown_and_nonsense_is_refused(make: Make, connection: lnb.Connection) -> None:
    connection.build_dataset(ROSTER, LEVELS)
    monitor = make(status="halted")
    assert (len(monitor.value), monitor._face.chips) == (0, ["halted"])
    monitor.status = ()
    monitor.job = monitor.value["reference"][0]
    assert len(view(monitor)["crumbs"]) == 2
    with pytest.raises(lnb.InputError, match="no job 'x'"):
        monitor.job = "x"
    with pytest.raises(lnb.InputError, match="status must be among"):
        monitor.status = ("done",)
    assert monitor.job == monitor.value["reference"][0]


@pytest.mark.parametrize(
    "options", [{"status": "done"}, {"interval": 0}, {"interval": "1"}, {"interval": True}, {"page_size": 0}]
)
def test_an_option_that_cannot_be_used_is_refused(connection: lnb.Connection, options: dict[str, Any]) -> None:
    before = threading.active_count()
    with pytest.raises(lnb.InputError):
        lnb.JobMonitor(connection, **options)
    assert threading.active_count() == before


def test_a_look_that_fails_is_said_and_the_next_one_may_succeed(
    make: Make, connection: lnb.Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connection.build_dataset(ROSTER, LEVELS)
    monitor = make()
    for error, said in ((lnb.ConnectionFailed("Nobody answered."), "Nobody answered."), (KeyError("x"), "KeyError")):
        with monkeypatch.context() as broken:
            broken.setattr(connection, "jobs", lambda error=error, **_: (_ for _ in ()).throw(error))
            monitor.settle(60)
        assert said in monitor.error
        assert view(monitor)["error"].endswith("The jobs are as of 00:00:00 UTC.")
        assert len(view(monitor)["rows"]) == 1
    assert "KeyError" in caplog.text
    monitor.settle(60)
    assert (monitor.error, view(monitor)["error"]) == (None, None)


def test_a_job_that_the_service_forgot_gives_way_to_the_list(
    make: Make, connection: lnb.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.build_dataset(ROSTER, LEVELS)
    monitor = make()
    monitor.job = monitor.value["reference"][0]
    with monkeypatch.context() as emptied:
        emptied.setattr(connection, "jobs", lambda **_: monitor.value.head(0))
        monitor.settle(60)
    assert (monitor.job, len(monitor.value), len(view(monitor)["crumbs"])) == (None, 0, 1)


def test_a_look_that_finds_nothing_new_sends_nothing(make: Make, connection: lnb.Connection, sent: list[Any]) -> None:
    connection.build_dataset(ROSTER, LEVELS)
    monitor = make()
    sent.clear()
    monitor.settle(60)
    assert sent == []


def test_buttons_answer_with_csv_code_and_json(make: Make, connection: lnb.Connection) -> None:
    connection.build_dataset(ROSTER, LEVELS)
    monitor = make()
    browser_sets(monitor, ask=[{"n": 1, "what": "csv"}])
    assert monitor._face.reply["name"] == "jobs.csv"
    assert monitor._face.reply["text"].startswith("reference,type,status")
    browser_sets(monitor, ask=[{"n": 2, "what": "code"}])
    assert (monitor._face.reply["n"], monitor._face.reply["text"]) == (2, "frame = lrn.jobs()")
    browser_sets(monitor, path=[monitor.value["reference"][0]], ask=[{"n": 3, "what": "json"}])
    assert '"status": "completed"' in monitor._face.reply["text"]
    broken = monitor.value.assign(error=[{"message": "\ud800"}])
    monitor.set_trait("value", broken)
    browser_sets(monitor, ask=[{"n": 4, "what": "csv"}])
    assert "surrogate" in monitor._face.reply["text"]


def test_a_front_end_without_widgets_gets_a_table(make: Make, connection: lnb.Connection) -> None:
    connection.build_dataset(ROSTER, LEVELS)
    monitor = make()
    bundle = monitor._repr_mimebundle_()
    assert bundle["text/plain"] == "JobMonitor(1 job: 1 completed)"
    assert monitor.value["reference"][0] in bundle["text/html"]


def test_closing_ends_the_thread_and_leaves_no_widget(connection: lnb.Connection) -> None:
    before = set(_instances)
    monitor = lnb.JobMonitor(connection, interval=1000.0)
    thread = monitor._watch._thread  # type: ignore[union-attr]
    monitor.close()
    monitor.close()
    monitor.settle(0)
    thread.join(60)
    assert not thread.is_alive()
    assert set(_instances) == before
