"""Where an exported file is from: a small JSON file beside it, ``<file>.provenance.json``.

It holds the file's sha256, its columns and numbers of rows, when it was written and by which version, and the
dataset and the call that gave the rows. Nothing else of a frame reaches it: no row, no name of a learner, no secret.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec
import pandas as pd

from .. import __version__
from ..domain.origin import ORIGIN_KEY, Origin, parse_origin
from ..errors import InputError
from .replacing import replacing

__all__ = ["Provenance", "WrittenTable", "exported", "read_provenance", "sha256_of", "sidecar_of", "written_table"]

SUFFIX: Final = ".provenance.json"


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """One frame in an exported file.

    Attributes
    ----------
    rows
        Its number of rows.
    columns
        The names of its columns, a named index first.
    sheets
        The sheets of a workbook that hold it, several where it was split by level; none in other files.
    origin
        The dataset and the call that the frame is from; None where that is not known.
    """

    rows: int
    columns: tuple[str, ...]
    sheets: tuple[str, ...] = ()
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """What stands in the file beside an export.

    Attributes
    ----------
    file
        The name of the exported file.
    sha256
        Of its bytes, in 64 hex digits.
    version
        The version of this package that wrote it.
    written_at
        When, in UTC.
    tables
        What it holds.
    options
        The options of the export that change its bytes.
    code
        Python text that gives the rows again; None where there is none.
    """

    file: str
    sha256: str
    version: str
    written_at: Annotated[datetime, msgspec.Meta(tz=True)]
    tables: tuple[WrittenTable, ...]
    options: dict[str, bool] = field(default_factory=dict)
    code: str | None = None


def written_table(frame: pd.DataFrame, sheets: Sequence[str] = ()) -> WrittenTable:
    """Describe a frame as it is written: a named index counts as columns."""
    index = [name for name in frame.index.names if name is not None] and list(frame.index.names)
    columns = tuple(str(name) for name in [*index, *frame.columns])
    return WrittenTable(len(frame), columns, tuple(sheets), parse_origin(frame.attrs.get(ORIGIN_KEY)))


def sidecar_of(path: Path) -> Path:
    """Return where the provenance of `path` stands."""
    return path.with_name(path.name + SUFFIX)


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file in hex; `InputError` where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or type(error).__name__}.") from None


@contextmanager
def exported(
    path: Path,
    tables: Callable[[], Sequence[WrittenTable]],
    *,
    provenance: bool,
    options: Mapping[str, bool] | None = None,
    code: str | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[Path]:
    """Give a temporary name to write to, as `replacing` does; then write the provenance beside `path`.

    With `provenance` off, that of an older file of the name is removed, since it is not this file's.

    Raises
    ------
    InputError
        If something cannot be written, or a text to be written holds half a surrogate pair.
    """
    with replacing(path) as temporary:
        try:
            yield temporary
        except UnicodeEncodeError:
            raise InputError(f"{path.name} cannot be written: a text holds half a surrogate pair.") from None
        digest = sha256_of(temporary)
    if not provenance:
        sidecar_of(path).unlink(missing_ok=True)
        return
    said = Provenance(path.name, digest, __version__, clock(), tuple(tables()), dict(options or {}), code)
    with replacing(sidecar_of(path)) as temporary:
        temporary.write_bytes(msgspec.json.format(msgspec.json.encode(said), indent=2) + b"\n")


def read_provenance(path: Path) -> Provenance:
    """Read what stands beside an exported file.

    Raises
    ------
    InputError
        If there is nothing, or it is not what `exported` writes.
    """
    sidecar = sidecar_of(path)
    if not sidecar.is_file():
        raise InputError(
            f"There is no {sidecar.name} beside {path.name}: it was moved without it, or written with provenance=False."
        )
    try:
        return msgspec.json.decode(sidecar.read_bytes(), type=Provenance)
    except OSError as error:
        raise InputError(f"{sidecar} cannot be read: {error.strerror or type(error).__name__}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{sidecar.name} is broken: {error}. Export the frame again.") from None
