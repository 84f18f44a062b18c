"""What is remembered of datasets between runs."""

from __future__ import annotations

from pathlib import Path

from learnosity_nb.connections.ledger import Ledger, Remembered


def test_the_last_entry_of_a_dataset_counts(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "deep" / "ledger", clock=lambda: 12.5)
    ledger.remember("a", "type", {"school": "School"}, "job 1", "http://x")
    ledger.remember("b", "type", {"class": "Class"}, "job 2", "http://x")
    ledger.remember("a", "type", {"school": "Schule"}, "job 3", "http://x")
    assert ledger.find("a") == Remembered("a", "type", {"school": "Schule"}, "job 3", "http://x", 12.5)
    assert ledger.find("c") is None


def test_damaged_lines_and_a_missing_file_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    ledger = Ledger(path, clock=lambda: 1.0)
    assert ledger.find("a") is None
    ledger.remember("a", "type", {}, "job", "http://x")
    with path.open("ab") as file:
        file.write(b'{"dataset_id": "a", "half\n\xff\n')
    found = ledger.find("a")
    assert found is not None
    assert found.job_reference == "job"


def test_a_ledger_that_cannot_be_written_does_not_fail_the_call(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    Ledger(tmp_path / "file" / "ledger").remember("a", "type", {}, "job", "http://x")
    assert Ledger(tmp_path / "file" / "ledger").find("a") is None
