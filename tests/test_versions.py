from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import pytest

import learnosity_nb as lnb
from learnosity_nb import versions


def test_the_package_python_and_what_it_uses_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    lnb.show_versions()
    lines = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines() if "Python" not in line)
    assert lines["learnosity-nb"] == lnb.__version__
    assert lines["pandas"] == version("pandas")
    assert lines["vl-convert-python [lab]"] == version("vl-convert-python")
    assert "pytest" not in lines


def test_what_is_not_installed_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(distribution: str) -> str:
        raise PackageNotFoundError(distribution)

    monkeypatch.setattr(versions, "version", missing)
    monkeypatch.setattr(versions.shutil, "which", lambda name: None)
    lnb.show_versions()
    printed = capsys.readouterr().out
    assert "openpyxl [excel]             not installed" in printed
    assert "java [scale]                 not found" in printed
