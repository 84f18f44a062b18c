from __future__ import annotations

import pytest

from learnosity_nb.errors import Fault
from learnosity_nb.local.answers import Caller
from learnosity_nb.local.refusals import HTTP_STATUS, Refusal, refuse_faults


@pytest.mark.parametrize("code", HTTP_STATUS)
def test_each_code_has_a_status_of_failure(code) -> None:
    assert 400 <= Refusal(code, "no").status <= 507


def test_no_fault_is_no_refusal() -> None:
    refuse_faults([])


def test_all_faults_make_one_refusal_with_the_first_ones_code() -> None:
    with pytest.raises(Refusal) as raised:
        refuse_faults([(20003, Fault("a", "is wrong", key="x")), (20000, Fault("b", "is missing", key="y", value="1"))])
    assert (raised.value.code, raised.value.status) == (20003, 400)
    assert raised.value.message == "x: is wrong; y: is missing (found 1)"
    assert [detail["code"] for detail in raised.value.details] == [20003, 20000]
    assert raised.value.details[1] == {"code": 20000, "kind": "b", "message": "is missing", "key": "y", "value": "1"}


@pytest.mark.parametrize(("organisations", "own"), [((), None), ((7, 8), 7)])
def test_a_callers_jobs_belong_to_its_first_organisation(organisations, own) -> None:
    assert Caller("key", organisations, "http://h").organisation == own
