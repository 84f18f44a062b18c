from __future__ import annotations

import copy
import inspect
import pickle
import re

import pytest

from learnosity_nb import errors
from learnosity_nb.errors import (
    ApiError,
    ColumnError,
    Fault,
    GroupNotFound,
    IncompleteResult,
    InputError,
    JobError,
    JobHalted,
    JobTimeout,
    LearnosityError,
    MissingExtra,
    ServerError,
    shorten,
)

CLASSES = [value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, Exception)]


def test_every_error_stands_in_the_tree_that_the_module_draws() -> None:
    drawn = re.findall(r"^ *(?:[│ ]*[├└]── )?([A-Z]\w+)(?: \(\w+\))?(?:  |$)", errors.__doc__ or "", re.MULTILINE)
    assert sorted(drawn) == sorted(error.__name__ for error in CLASSES)


def test_the_drawn_tree_is_the_real_one() -> None:
    above: dict[int, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r" {4}((?:[│ ]   )*(?:[├└]── )?)([A-Z]\w+)(?: \((\w+)\))?(?:  |$)", line)
        if found is None:
            continue
        depth, name, builtin = len(found[1]) // 4, found[2], found[3]
        bases = [base.__name__ for base in getattr(errors, name).__bases__]
        assert bases == [above.get(depth - 1, "Exception"), *([builtin] if builtin else [])]
        above[depth] = name
    assert len(above) == 4


def test_every_name_is_exported_in_order() -> None:
    assert sorted([*(error.__name__ for error in CLASSES), "Fault"]) == sorted(errors.__all__)
    assert sorted(errors.__all__) == errors.__all__


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("k", "it is wrong"), "it is wrong"),
        (
            Fault("k", "it is wrong", file="a.csv", line=3, key="score", value="'x'"),
            "a.csv, line 3, score: it is wrong (found 'x')",
        ),
        (Fault("k", "it is wrong", line=7, key="score"), "row 7, score: it is wrong"),
        (Fault("k", "it is wrong", key="score"), "score: it is wrong"),
        (Fault("k", "it is wrong", value="''"), "it is wrong (found '')"),
        (Fault("k", "it is wrong", byte=12), "it is wrong"),
    ],
)
def test_a_fault_says_its_place_and_what_was_found(fault: Fault, said: str) -> None:
    assert str(fault) == said


def test_a_fault_as_a_dict_has_no_empty_parts() -> None:
    assert Fault("k", "m").as_dict() == {"kind": "k", "message": "m"}
    assert Fault("k", "m", file="f", line=0, byte=0, key="", value="").as_dict() == {
        "kind": "k",
        "message": "m",
        "file": "f",
        "line": 0,
        "byte": 0,
        "key": "",
        "value": "",
    }


def test_up_to_twenty_faults_are_all_in_the_message() -> None:
    error = InputError("It failed.", [Fault("k", f"fault {n}") for n in range(20)])
    assert str(error).splitlines() == ["It failed.", *(f"  fault {n}" for n in range(20))]
    assert error.count == 20


def test_of_more_than_twenty_faults_the_message_tells_the_rest_by_kind() -> None:
    faults = [Fault("bad" if n % 3 else "absent", f"fault {n}") for n in range(25)]
    error = InputError("It failed.", iter(faults))
    lines = str(error).splitlines()
    assert lines[1:21] == [f"  fault {n}" for n in range(20)]
    assert lines[21:] == ["  … 25 faults in all (absent: 9, bad: 16)"]
    assert error.faults == tuple(faults)
    assert error.kinds == {"absent": 9, "bad": 16}


def test_a_count_may_be_larger_than_the_faults_kept() -> None:
    error = InputError("It failed.", [Fault("bad", "one")], count=1000)
    assert str(error).splitlines()[-1] == "  … 1000 faults in all (bad: 1)"
    assert error.count == 1000


def test_kinds_alone_give_the_count() -> None:
    error = ColumnError("It failed.", [Fault("bad", "one")], kinds={"bad": 7, "absent": 2})
    assert error.count == 9
    assert str(error).endswith("  … 9 faults in all (absent: 2, bad: 7)")


def test_an_input_error_may_have_no_faults() -> None:
    error = InputError("It failed.")
    assert (str(error), error.faults, error.count, error.kinds) == ("It failed.", (), 0, {})


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ApiError("no"), "no"),
        (ApiError("no", code=20012), "no [code 20012]"),
        (ApiError("no", code=0, status=400), "no [code 0, HTTP 400]"),
        (ServerError("no", status=503, endpoint="/jobs"), "no [/jobs, HTTP 503]"),
        (ApiError("no", code="x", status=400, endpoint="/jobs"), "no [/jobs, code x, HTTP 400]"),
    ],
)
def test_an_api_error_says_where_and_with_which_code(error: ApiError, said: str) -> None:
    assert str(error) == said


def test_an_api_error_keeps_its_details() -> None:
    assert ApiError("no", details=[{"line": 1}]).details == ({"line": 1},)


def test_a_job_error_keeps_the_reference() -> None:
    assert JobTimeout("late", reference="r").reference == "r"
    halted = JobHalted("stopped", reference="r", error={"code": 1})
    assert (str(halted), halted.reference, halted.error) == ("stopped", "r", {"code": 1})
    assert isinstance(halted, JobError)


def test_a_missing_group_is_a_key_error_that_reads_as_a_sentence() -> None:
    error = GroupNotFound("There is no group 'Oregon'.")
    assert isinstance(error, KeyError)
    assert str(error) == "There is no group 'Oregon'."


def test_an_incomplete_result_holds_what_came() -> None:
    error = IncompleteResult("1,000 of 2,000 rows", frame="frame")
    assert (str(error), error.frame) == ("1,000 of 2,000 rows", "frame")


def test_a_missing_extra_says_what_to_install() -> None:
    error = MissingExtra("openpyxl", "excel", "Writing Excel")
    assert isinstance(error, ImportError)
    assert str(error) == "Writing Excel needs openpyxl: pip install 'learnosity-nb[excel]'"


@pytest.mark.parametrize("error", CLASSES)
def test_every_error_can_be_caught_as_one(error: type[Exception]) -> None:
    assert issubclass(error, LearnosityError)
    assert error.__doc__


def test_a_long_value_is_cut() -> None:
    assert shorten("a" * 78) == repr("a" * 78)
    assert shorten("a" * 79) == "'" + "a" * 78 + "…"
    assert len(shorten("a" * 1000, 10)) == 10


@pytest.mark.parametrize(
    "error",
    [
        LearnosityError("plain"),
        InputError("Two faults.", [Fault("a", "b", key="k"), Fault("c", "d")], count=5),
        ApiError("no", code=20002, status=400, endpoint="jobs", details=[{"line": 1}]),
        JobHalted("stopped", reference="r", error={"code": 1}),
        GroupNotFound("There is no group 'Oregon'."),
        IncompleteResult("1,000 of 2,000 rows", frame=[1]),
        MissingExtra("openpyxl", "excel", "Writing Excel"),
    ],
)
def test_an_error_can_be_copied_and_sent_to_another_process(error: LearnosityError) -> None:
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(other) is type(error)
        assert (str(other), other.args, vars(other)) == (str(error), error.args, vars(error))
