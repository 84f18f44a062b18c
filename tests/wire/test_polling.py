from __future__ import annotations

import itertools
import threading

import pytest

from learnosity_nb.domain.jobs import JobReference
from learnosity_nb.errors import (
    ApiError,
    ConnectionFailed,
    JobHalted,
    JobNotFound,
    JobTimeout,
    ProtocolError,
    ServerError,
)
from learnosity_nb.wire.polling import JobState, pauses, poll
from learnosity_nb.wire.retry import RetryPolicy

ONCE = RetryPolicy(attempts=1)


def job(reference: str, status: str, **more) -> dict:
    return {
        "reference": reference,
        "type": "reportdataset",
        "status": status,
        "dt_created": "2026-03-01 12:00:00",
    } | more


def states(fault, *statuses, reference="r"):
    return [fault.ok([job(reference, status)]) for status in statuses]


def test_a_job_is_followed_to_its_end(scripted, fault):
    api, transport = scripted(*states(fault, "queued", "running", "running", "completed"))
    news: list[list[JobState]] = []
    [state] = poll(api, "r", on_change=news.append)
    assert (state.reference, state.status, state.type) == ("r", "completed", "reportdataset")
    assert isinstance(state.reference, JobReference)
    assert [[change.status for change in changes] for changes in news] == [["queued"], ["running"], ["completed"]]
    assert transport.asked()[0]["status"] == ["queued", "running", "halted", "completed"]


def test_the_stages_of_a_running_job_are_news(scripted, fault):
    stages = ["reading", "reading", "writing"]
    script = [fault.ok([job("r", "running", data={"stage": stage})]) for stage in stages]
    api, _ = scripted(*script, *states(fault, "completed"))
    news: list[JobState] = []
    poll(api, "r", on_change=news.extend)
    told = [(state.status, state.data and state.data["stage"]) for state in news]
    assert told == [("running", "reading"), ("running", "writing"), ("completed", None)]


def test_a_job_that_has_ended_is_not_waited_for(scripted, fault, time):
    api, transport = scripted(*states(fault, "completed"))
    poll(api, "r")
    assert len(transport.requests) == 1
    assert time.slept == []


def test_the_first_polls_follow_quickly_and_the_pauses_grow_to_fifteen_seconds():
    steady = list(itertools.islice(pauses(lambda: 0.5), 16))
    assert steady[:6] == pytest.approx([0.05, 0.1, 0.2, 0.4, 0.8, 1.6])
    assert steady[6:] == pytest.approx([2.4, 3.6, 5.4, 8.1, 12.15, 15, 15, 15, 15, 15])


@pytest.mark.parametrize(("dice", "factor"), [(0.0, 0.8), (1.0, 1.2)])
def test_the_pauses_have_a_jitter_of_a_fifth(dice, factor):
    jittered = itertools.islice(pauses(lambda: dice), 20)
    steady = itertools.islice(pauses(lambda: 0.5), 20)
    assert [a / b for a, b in zip(jittered, steady, strict=True)] == pytest.approx([factor] * 20)


def test_many_jobs_are_polled_together_and_returned_in_order(answering):
    polls = itertools.count(1)

    def answer(asked):
        done = next(polls)
        return [
            job(ref, "completed" if int(ref) < done * 2 else "running") for ref in reversed(asked["references"])
        ], {}

    api, transport = answering(answer)
    ended = poll(api, (str(number) for number in [3, 1, 4, 1, 5]))
    assert [state.reference for state in ended] == ["3", "1", "4", "1", "5"]
    assert [asked["references"] for asked in transport.asked()] == [["3", "1", "4", "5"], ["3", "4", "5"], ["4", "5"]]


def test_only_jobs_that_have_not_ended_are_asked_for_again(scripted, fault):
    script = [fault.ok([job("a", "completed"), job("b", "running")]), fault.ok([job("b", "completed")])]
    api, transport = scripted(*script)
    poll(api, ["a", "b"])
    assert [asked["references"] for asked in transport.asked()] == [["a", "b"], ["b"]]


def test_no_jobs_are_not_waited_for(scripted, fault):
    api, transport = scripted(fault.ok())
    assert poll(api, []) == []
    assert transport.requests == []


def test_a_job_that_was_not_asked_for_is_ignored(scripted, fault):
    api, _ = scripted(fault.ok([job("other", "halted"), job("r", "completed")]))
    news: list[list[JobState]] = []
    assert [state.reference for state in poll(api, "r", on_change=news.append)] == ["r"]
    assert [len(changes) for changes in news] == [1]


def test_j07_a_job_queued_for_ever_meets_the_timeout_which_carries_its_reference(scripted, fault, time):
    api, _ = scripted(*states(fault, "queued"))
    with pytest.raises(JobTimeout, match=r"Not ended after 100 s: r \(queued\).*wait\('r'\)") as caught:
        poll(api, "r", timeout=100)
    assert caught.value.reference == "r"
    assert time.seconds == pytest.approx(1100)


def test_j07_a_timeout_of_zero_looks_once(scripted, fault):
    api, transport = scripted(*states(fault, "running"))
    with pytest.raises(JobTimeout):
        poll(api, "r", timeout=0)
    assert len(transport.requests) == 1


def test_j07_a_timeout_of_many_jobs_names_the_first_five(answering):
    api, _ = answering(lambda asked: ([job(ref, "queued") for ref in asked["references"] if ref != "0"], {}))
    with pytest.raises(JobTimeout, match=r"0 \(not found\), 1 \(queued\), .* and 2 more"):
        poll(api, [str(number) for number in range(7)], timeout=5)


def test_j08_an_unknown_state_is_an_error(scripted, fault):
    api, transport = scripted(*states(fault, "paused"))
    with pytest.raises(ProtocolError, match="'r' has the status 'paused'"):
        poll(api, "r")
    assert len(transport.requests) == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ({"code": 50100, "message": "line 7 is wrong"}, "Job r halted: line 7 is wrong"),
        ("out of memory", "Job r halted: 'out of memory'"),
        ({"code": 1}, "Job r halted: {'code': 1}"),
        (None, "Job r halted: the service gave no reason"),
    ],
    ids=str,
)
def test_j09_a_halted_job_raises_its_reason(scripted, fault, error, told):
    api, _ = scripted(fault.ok([job("r", "running")]), fault.ok([job("r", "halted", error=error)]))
    with pytest.raises(JobHalted) as caught:
        poll(api, "r")
    assert str(caught.value).startswith(told)
    assert (caught.value.reference, caught.value.error) == ("r", error)


def test_j09_the_faults_of_a_halted_job_are_told_as_those_of_an_input(scripted, fault):
    details = [
        {"kind": "bad_number", "file": "sessions.csv", "line": 2, "key": "score", "message": "bad", "value": "'x'"},
        {"code": 7, "key": "options.fields", "message": "is no list"},
        {"line": "two", "message": 5},
        "plain words",
        {"message": "fifth"},
        {"message": "sixth"},
    ]
    error = {"code": 20004, "message": "sessions.csv cannot be used.", "details": details}
    api, _ = scripted(fault.ok([job("r", "halted", error=error)]))
    with pytest.raises(JobHalted) as caught:
        poll(api, "r")
    assert str(caught.value).splitlines() == [
        "Job r halted: sessions.csv cannot be used.",
        "  sessions.csv, line 2, score: bad (found 'x')",
        "  options.fields: is no list",
        "  {'line': 'two', 'message': 5}",
        "  'plain words'",
        "  fifth",
        "  … 6 faults in all",
    ]


def test_j09_halted_jobs_are_told_together_once_all_have_ended(scripted, fault):
    script = [
        fault.ok([job("a", "halted", error="x"), job("b", "running"), job("c", "completed")]),
        fault.ok([job("b", "halted", error="y")]),
    ]
    api, _ = scripted(*script)
    with pytest.raises(JobHalted, match=r"Job a halted: 'x'; job b halted: 'y' \(2 of 3 jobs\)"):
        poll(api, ["a", "b", "c"])


def test_j10_a_job_may_be_unknown_for_thirty_seconds(scripted, fault, time):
    api, _ = scripted(*[fault.ok([])] * 10, *states(fault, "completed"))
    assert poll(api, "r")[0].status == "completed"
    assert 15 < sum(time.slept) < 30


def test_j10_a_job_that_stays_unknown_is_not_found(scripted, fault, time):
    api, _ = scripted(fault.ok([]))
    with pytest.raises(JobNotFound, match="knows no job r") as caught:
        poll(api, "r")
    assert caught.value.reference == "r"
    assert 30 <= sum(time.slept) < 50


def test_j10_a_job_that_vanishes_is_not_found_thirty_seconds_later(scripted, fault, time):
    api, _ = scripted(*states(fault, *["running"] * 12), fault.ok([]))
    with pytest.raises(JobNotFound):
        poll(api, "r")
    assert sum(time.slept) >= 60


def test_j12_two_waiters_on_one_job_both_get_its_end(answering):
    polls = itertools.count(1)
    lock = threading.Lock()

    def answer(asked):
        with lock:
            return [job("r", "completed" if next(polls) > 6 else "running")], {}

    api, _ = answering(answer)
    ended: list[str] = []
    waiters = [threading.Thread(target=lambda: ended.append(poll(api, "r")[0].status)) for _ in range(2)]
    for waiter in waiters:
        waiter.start()
    for waiter in waiters:
        waiter.join(30)
    assert ended == ["completed", "completed"]


def test_j16_a_restart_of_the_service_is_waited_out_without_a_new_schedule(scripted, fault, time):
    calm = states(fault, *["running"] * 12)
    trouble = [fault.refuse(), fault.silence(1.0), fault.status(503), fault.status(429, 42000), fault.reset(3)]
    api, _ = scripted(*calm, *trouble, *states(fault, "completed"), policy=ONCE)
    assert poll(api, "r")[0].status == "completed"
    assert len(time.slept) == 17
    assert all(pause >= 12 for pause in time.slept[11:])


@pytest.mark.parametrize("status", [401, 403, 400, 404])
def test_t22_a_poll_that_is_refused_stops_the_waiting(scripted, fault, status):
    api, transport = scripted(*states(fault, "running"), fault.status(status, 41003))
    with pytest.raises(ApiError) as caught:
        poll(api, "r")
    assert len(transport.requests) == 2
    assert "wait('r')" in caught.value.__notes__[-1]


@pytest.mark.parametrize(("name", "error"), [("refuse", ConnectionFailed), ("busy", ServerError)])
def test_j16_a_service_that_stays_away_is_given_up_after_twenty_polls(scripted, fault, time, name, error):
    step = {"refuse": fault.refuse(), "busy": fault.status(503)}[name]
    api, transport = scripted(step, policy=ONCE)
    with pytest.raises(error) as caught:
        poll(api, "r")
    assert len(transport.requests) == 20
    assert sum(time.slept) > 120
    assert "goes on" in caught.value.__notes__[-1]


def test_t17_ctrl_c_leaves_the_job_and_tells_how_to_wait_again(scripted, fault, time):
    def press(seconds):
        raise KeyboardInterrupt

    time.sleep = press
    api, _ = scripted(*states(fault, "running"))
    with pytest.raises(KeyboardInterrupt) as caught:
        poll(api, "r")
    assert caught.value.__notes__ == ["What has been started goes on. Wait again with wait('r')."]


def test_t19_a_laptops_sleep_causes_no_burst_of_polls(scripted, fault, time):
    naps = iter([0, 0, 0, 7200, 0, 0, 0])
    real_sleep = time.sleep

    def sleep(seconds):
        real_sleep(seconds)
        time.seconds += next(naps)

    time.sleep = sleep
    api, transport = scripted(*states(fault, *["running"] * 6, "completed"))
    assert poll(api, "r")[0].status == "completed"
    assert len(transport.requests) == 7
    assert time.slept == sorted(time.slept)
    stamps = [form["security"].split('"timestamp": "')[1][:13] for form in transport.forms()]
    assert stamps[3:5] == ["20260301-1200", "20260301-1400"]


def test_t19_a_sleep_longer_than_the_timeout_still_ends_with_a_look(scripted, fault, time):
    def sleep(seconds):
        time.seconds += 7200

    time.sleep = sleep
    api, _ = scripted(*states(fault, "running", "completed"))
    assert poll(api, "r", timeout=60)[0].status == "completed"


def test_a_state_does_not_show_the_jobs_data():
    state = JobState(JobReference("r"), "halted", data={"name": "CANARY"}, error="CANARY")
    assert "CANARY" not in repr(state)
