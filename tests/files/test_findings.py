from __future__ import annotations

import pytest

from learnosity_nb.errors import ColumnError, Fault
from learnosity_nb.files.findings import Findings


def test_without_faults_nothing_is_raised_and_no_line_is_looked_up() -> None:
    findings = Findings("a.csv", lambda rows: pytest.fail("looked up"))
    findings.raise_if_any("unused")


def test_the_first_twenty_of_each_kind_are_kept_and_all_are_counted() -> None:
    findings = Findings("a.csv", lambda rows: [row + 2 for row in rows], [Fault("missing_column", "no column `x`")])
    for row in range(50):
        findings.add_row("bad_number", "score", row, "expected a number", "x" * 200)
    for row in range(3):
        findings.add_row("bad_time", "dt", 2 - row, "expected a time")
    with pytest.raises(ColumnError) as caught:
        findings.raise_if_any("a.csv cannot be used.")
    assert caught.value.kinds == {"missing_column": 1, "bad_number": 50, "bad_time": 3}
    assert caught.value.count == 54
    assert len(caught.value.faults) == 24
    assert [fault.line for fault in caught.value.faults if fault.kind == "bad_time"] == [2, 3, 4]
    assert all(len(fault.value or "") <= 80 for fault in caught.value.faults)
    assert caught.value.faults[0].kind == "missing_column"
