"""PySpark frames: how they are told from other frames, and what they need. PySpark itself is imported late."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import InputError, MissingExtra

__all__ = ["is_spark_frame", "quietly", "require_spark_frames"]

PURPOSE = "Summarising PySpark frames"
ON_WORKERS = "Summarising PySpark frames, on every worker of the cluster,"


def is_spark_frame(frame: Any) -> bool:
    """Whether an object comes from PySpark; asked before PySpark is known to be installed."""
    return type(frame).__module__.partition(".")[0] == "pyspark"


def require_spark_frames(**frames: Any) -> None:
    """Check that all `frames` are PySpark DataFrames, and that this PySpark can do what is needed.

    Raises
    ------
    MissingExtra
        If PySpark 4 is not installed.
    InputError
        If one of the frames is another object.
    """
    try:
        from pyspark.sql import DataFrame, GroupedData
    except ImportError:
        raise MissingExtra("PySpark 4", "scale", PURPOSE) from None
    if not hasattr(GroupedData, "applyInArrow"):
        raise MissingExtra("PySpark 4", "scale", PURPOSE)
    for name, frame in frames.items():
        if isinstance(frame, DataFrame):
            continue
        found = type(frame)
        todo = "frame.to_spark()" if is_spark_frame(frame) else "spark.createDataFrame(frame) or spark.read"
        raise InputError(
            f"sessions and roster must both be PySpark DataFrames, or neither: {name} is a "
            f"{found.__module__.partition('.')[0]} {found.__name__}. Make it one with {todo}."
        )


@contextmanager
def quietly() -> Iterator[None]:
    """Run Spark without PySpark's warnings on new pandas versions; say what workers lack.

    Raises
    ------
    MissingExtra
        If the workers' Python does not have this package.
    """
    from pyspark.errors import PySparkException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    except PySparkException as error:
        for package in ("learnosity_nb", "numpy", "pandas", "pyarrow"):
            if f"No module named '{package}" in str(error):
                raise MissingExtra(package, "scale", ON_WORKERS) from None
        raise
