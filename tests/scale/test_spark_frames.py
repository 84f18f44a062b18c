"""PySpark frames are told from others without PySpark; without it the error says what to install."""

from __future__ import annotations

import importlib
import sys
import warnings
from typing import Any

import pandas as pd
import pytest

from learnosity_nb import InputError, MissingExtra, summarize_groups, summarize_users
from learnosity_nb.scale.spark_frames import is_spark_frame, quietly


@pytest.fixture
def foreign() -> Any:
    """An object that says it comes from PySpark."""
    return type("DataFrame", (), {"__module__": "pyspark.pandas.frame"})()


def test_a_frame_is_known_by_the_package_it_comes_from(foreign: Any) -> None:
    assert is_spark_frame(foreign)
    assert not is_spark_frame(pd.DataFrame())
    assert not is_spark_frame(None)


@pytest.mark.parametrize("missing", ["pyspark", "pyspark.sql"])
def test_without_pyspark_the_error_says_what_to_install(
    missing: str, foreign: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pyspark.sql", missing):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtra, match=r"needs PySpark 4: pip install 'learnosity-nb\[scale\]'"):
        summarize_groups(foreign, foreign, ["school"])


def test_an_old_pyspark_is_a_missing_one(foreign: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    old = type(sys)("pyspark.sql")
    old.DataFrame = old.GroupedData = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyspark", type(sys)("pyspark"))
    monkeypatch.setitem(sys.modules, "pyspark.sql", old)
    with pytest.raises(MissingExtra, match="PySpark 4"):
        summarize_groups(foreign, foreign, ["school"])


@pytest.mark.spark
def test_a_pandas_on_spark_frame_is_named_as_such(foreign: Any) -> None:
    with pytest.raises(InputError, match=r"sessions is a pyspark DataFrame. Make it one with frame.to_spark\(\)"):
        summarize_groups(foreign, foreign, ["school"])


def test_the_users_of_spark_frames_are_not_listed(foreign: Any) -> None:
    with pytest.raises(InputError, match="does not take PySpark DataFrames"):
        summarize_users(foreign, foreign, ["school"])


@pytest.mark.spark
@pytest.mark.parametrize("package", ["learnosity_nb.scale", "pyarrow"])
def test_workers_without_a_package_are_told_apart_from_other_failures(package: str) -> None:
    errors = importlib.import_module("pyspark.errors")
    with pytest.raises(MissingExtra, match="on every worker of the cluster, needs"), quietly():
        raise errors.PythonException(f"ModuleNotFoundError: No module named '{package}'")
    with pytest.raises(errors.PythonException, match="another"), quietly():
        raise errors.PythonException("another failure")


@pytest.mark.spark
def test_warnings_of_pyspark_on_new_pandas_are_not_shown(recwarn: pytest.WarningsRecorder) -> None:
    with quietly():
        warnings.warn("PySpark does not yet fully support pandas >= 3.0.0", FutureWarning, stacklevel=1)
    assert not recwarn
