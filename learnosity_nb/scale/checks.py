"""Columns of PySpark frames: found by name, checked, and given fixed types.

The rules are those of `files.tables` and `files.rosters`. An engine's rows have
no numbers, so a fault says how many rows it is in and shows one value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sql
from pyspark.sql import types as kinds

from ..errors import Fault, shorten
from ..files.findings import Findings
from ..files.sources import Source, Wanted, repeated_columns, row_numbers
from ..files.tables import missing_column

__all__ = ["GivenColumns", "Rule", "find_broken", "is_blank"]

WHOLE: Final = (kinds.ByteType, kinds.ShortType, kinds.IntegerType, kinds.LongType)
TAKEN: Final[dict[str, tuple[type[kinds.DataType], ...]]] = {
    "text": (kinds.StringType, *WHOLE),
    "number": (*WHOLE, kinds.FloatType, kinds.DoubleType, kinds.DecimalType),
    "time": (kinds.TimestampType, kinds.TimestampNTZType, kinds.DateType),
}
CAST: Final = {"text": "string", "number": "double", "time": "timestamp", "texts": "array<string>"}
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
BLANK: Final = r"(?U)^[\s\x1c-\x1f]*$"


@dataclass(frozen=True, slots=True)
class Rule:
    """What no row may do.

    Attributes
    ----------
    kind, key, message
        The fault's kind, column and words.
    broken
        Whether a row breaks the rule.
    value
        The value to show; None where there is none.
    """

    kind: str
    key: str
    message: str
    broken: Column
    value: Column | None = None


class GivenColumns:
    """The columns of a frame, by their exact names, with the faults of their types.

    Parameters
    ----------
    frame
        The frame as given.
    title
        What messages call it.
    wanted
        The columns to look for, with their kinds.

    Attributes
    ----------
    frame
        The frame under other names, so that neither case nor dots in names matter.
    rules
        What its values are to be checked for; grows as columns are taken.
    """

    def __init__(self, frame: DataFrame, title: str, wanted: Wanted) -> None:
        self.frame = frame.toDF(*[f"given_{position}" for position in range(len(frame.columns))])
        self.rules: list[Rule] = []
        self._kinds = [field.dataType for field in frame.schema.fields]
        self._source = Source(title, None, tuple(frame.columns), {}, 0, row_numbers)
        self._wanted = wanted
        self._findings = Findings(None, row_numbers, repeated_columns(frame.columns, wanted, None))

    def __contains__(self, name: str) -> bool:
        return name in self._source.names

    def kind(self, name: str) -> kinds.DataType:
        """Return the type of a column that is there."""
        return self._kinds[self._source.names.index(name)]

    def raw(self, name: str) -> Column:
        """Return a column that is there, as it is."""
        return sql.col(f"given_{self._source.names.index(name)}")

    def require(self, *names: str) -> None:
        """Note a fault for each column that is absent."""
        for name in names:
            if name not in self:
                self._findings.add(missing_column(name, self._source, self._wanted))

    def refuse(self, name: str, kind: str) -> None:
        """Note that a column's type cannot be used."""
        found = self.kind(name).simpleString()
        said = f"the column holds values of type {found}: convert it with .cast({CAST[kind]!r})"
        self._findings.add(Fault(f"bad_{kind.removesuffix('s')}", said, key=name))

    def text(self, name: str, *, filled: bool = False) -> Column:
        """Take a column of texts, whole numbers as text; the empty text is null."""
        plain = self._taken(name, "text")
        text = sql.when(plain != "", plain)
        if filled and name in self:
            self.rules.append(Rule("missing_value", name, "a value is required here", text.isNull()))
            self.rules.append(Rule("blank_text", name, "this text is blank", is_blank(text), text))
        return text

    def number(self, name: str) -> Column:
        """Take a column of numbers as double; NaN is null."""
        number = self._taken(name, "number")
        endless = sql.abs(number) == float("inf")
        self.rules.append(Rule("bad_number", name, "expected a finite number", endless, number))
        return sql.when(~sql.isnan(number), number)

    def between(self, name: str, earliest: datetime | None, latest: datetime | None) -> Column:
        """Say of a column of times which lie between the bounds (inclusive); null does when there is no bound.

        A time without a zone, and the midnight of a day, is UTC, whatever the engine's own time zone.
        """
        zoned = name in self and isinstance(self.kind(name), kinds.TimestampType)
        moment = self._taken(name, "time", "timestamp" if zoned else "timestamp_ntz")
        inside = sql.lit(True)
        for bound, compare in ((earliest, Column.__ge__), (latest, Column.__le__)):
            if bound is not None:
                inside &= sql.coalesce(compare(moment, _moment(bound, zoned=zoned)), sql.lit(False))
        return inside

    def _taken(self, name: str, kind: str, cast: str | None = None) -> Column:
        target = cast or CAST[kind]
        if name not in self:
            return sql.lit(None).cast(target)
        if not isinstance(self.kind(name), (*TAKEN[kind], kinds.NullType)):
            self.refuse(name, kind)
            return sql.lit(None).cast(target)
        return self.raw(name).cast(target)

    def raise_for_columns(self) -> None:
        """Raise the faults of columns and types; costs no run of the engine."""
        self._findings.raise_if_any(f"{self._source.title} cannot be used.")

    def raise_for_values(self, broken: Sequence[Fault]) -> None:
        """Raise the faults of values."""
        for fault in broken:
            self._findings.add(fault)
        self.raise_for_columns()


def _moment(bound: datetime, *, zoned: bool) -> Column:
    if zoned:
        return sql.timestamp_micros(sql.lit((bound - EPOCH) // timedelta(microseconds=1)))
    return sql.lit(bound.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")).cast("timestamp_ntz")


def is_blank(text: Column) -> Column:
    """Whether a text has nothing but white space."""
    return text.rlike(BLANK)


def find_broken(frame: DataFrame, rules: Sequence[Rule], **also: Column) -> tuple[list[Fault], dict[str, Any]]:
    """Look at all rows once: return a fault for each rule that is broken, and further aggregates."""
    asked = [column.alias(name) for name, column in also.items()]
    for place, rule in enumerate(rules):
        value = sql.lit(None) if rule.value is None else rule.value
        asked.append(sql.count_if(rule.broken).alias(f"broken_{place}"))
        asked.append(sql.min(sql.when(rule.broken, value.cast("string"))).alias(f"value_{place}"))
    found = frame.agg(*asked).collect()[0].asDict()
    faults = []
    for place, rule in enumerate(rules):
        count, value = found[f"broken_{place}"], found[f"value_{place}"]
        if count:
            said = f"{rule.message}, in {count:,} {'row' if count == 1 else 'rows'}"
            faults.append(Fault(rule.kind, said, key=rule.key, value=None if value is None else shorten(value)))
    return faults, {name: found[name] for name in also}
