from __future__ import annotations

from learnosity_nb.local.service import OPEN_DATASETS, open_service

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
