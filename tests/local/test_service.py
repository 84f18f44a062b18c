from __future__ import annotations

import pytest

from learnosity_nb.errors import StateError
from learnosity_nb.files.access import Access
from learnosity_nb.local import service as service_module
from learnosity_nb.local.service import OPEN_DATASETS, Service, open_service
from learnosity_nb.local.state.database import Database
from learnosity_nb.local.state.directory import open_state
from learnosity_nb.local.state.owners import Owner
from learnosity_nb.local.tables import FrameTables

USER = {"user_id": "u1", "session_id": ["s1"], "group_path": ["x", "y"]}


def test_a_compiled_dataset_is_opened_once_and_the_last_few_stay_open(desk) -> None:
    built = [desk.build(USER) for _ in range(OPEN_DATASETS + 1)]
    found = [desk.service.datasets.find(dataset_id) for dataset_id in built]
    first = desk.service.compiled(found[0])
    assert desk.service.compiled(found[0]) is first
    others = [desk.service.compiled(dataset) for dataset in found[1:]]
    assert desk.service.compiled(found[0]) is not first
    assert desk.service.compiled(found[-1]) is others[-1]


def test_a_dataset_that_was_not_compiled_has_no_output(desk) -> None:
    assert desk.service.compiled(desk.service.datasets.find(desk.upload(USER))) is None


def test_urls_outlive_the_process_that_signed_them(desk, tmp_path) -> None:
    url = desk.url(desk.build(USER), [])
    again = type(desk)(desk.service._state, desk.clock)
    assert again.http.get(url).status_code == 200
    again.close()


def test_a_service_may_be_closed_twice_and_leaves_no_owner(desk) -> None:
    desk.service.close()
    desk.service.close()
    assert list(desk.service.owners.iterdir()) == []


def test_a_service_without_callers_opens_what_another_left(tmp_path) -> None:
    (tmp_path / "sessions.csv").write_text("session_id,user_id,score,max_score\ns,u,1,2\n", encoding="utf-8")
    service = open_service(tmp_path, tmp_path / "state")
    try:
        assert service.access.consumers == {}
        assert service.queue.claim(service.owner) is None
        service.wake()
    finally:
        service.close()


def fail(*_arguments, **_options):
    raise StateError("The disk went away.")


@pytest.mark.parametrize(
    ("where", "what"),
    [(service_module, "clean_up"), (Owner, "open"), (Database, "secret_bytes")],
    ids=["clean-up", "owner", "key"],
)
def test_a_service_that_fails_half_way_leaves_nothing_open(tmp_path, monkeypatch, where, what) -> None:
    opened: list[Database] = []
    start = Database.__init__

    def watched(database, *arguments, **options):
        opened.append(database)
        start(database, *arguments, **options)

    monkeypatch.setattr(Database, "__init__", watched)
    state = open_state(tmp_path / "state", data=None)
    with monkeypatch.context() as patch:
        patch.setattr(where, what, fail)
        with pytest.raises(StateError, match="went away"):
            Service(FrameTables({}), state, Access({}))
    [database] = opened
    with pytest.raises(StateError, match="closed"):
        database.read("SELECT 1")
    assert list(state.owners.iterdir()) == []
    Service(FrameTables({}), state, Access({})).close()
