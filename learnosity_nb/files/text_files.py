"""The bytes of a text file, checked to be UTF-8 before anything parses them."""

from __future__ import annotations

import codecs
from pathlib import Path

from ..errors import FAULTS_SHOWN, Fault, InputError

__all__ = ["count_utf8_lines", "read_utf8"]

BOM = b"\xef\xbb\xbf"
OTHER_FORMATS = {
    b"\xff\xfe": "is UTF-16 text. Save it as UTF-8 (in Excel: CSV UTF-8)",
    b"\xfe\xff": "is UTF-16 text. Save it as UTF-8 (in Excel: CSV UTF-8)",
    b"\x1f\x8b": "is compressed with gzip. Unpack it first",
    b"PK\x03\x04": "is a workbook or a zip archive. Save its sheet as CSV UTF-8",
    b"PAR1": "is a Parquet file. Rename it to end in .parquet",
}
PIECE = 1 << 18  # bytes: what is looked at stays in the processor's cache


def read_utf8(path: Path) -> bytes:
    """Return a file's bytes without a byte order mark.

    Raises
    ------
    InputError
        If it cannot be opened, holds nothing, or is not UTF-8: then with each line that is not.
    """
    try:
        found = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror}.") from None
    for mark, said in OTHER_FORMATS.items():
        if found.startswith(mark):
            raise InputError(f"{path.name} {said}.")
    text = found.removeprefix(BOM)
    if not text or text.isspace():
        raise InputError(f"{path.name} is empty.")
    if not text.isascii():
        _check_utf8(path.name, text)
    return text


def count_utf8_lines(path: Path) -> int | None:
    """Return the number of lines of a file that is read elsewhere, a piece at a time.

    None for a file that needs a closer look: it cannot be read, is empty, not UTF-8, or starts with a mark.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    ends, last = 0, b""
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                if not last and piece.startswith((BOM, *OTHER_FORMATS)):
                    return None
                ends += piece.count(b"\n")
                last = piece
                if decoder.getstate()[0] or not piece.isascii():
                    decoder.decode(piece)
        decoder.decode(b"", final=True)
    except (OSError, UnicodeDecodeError):
        return None
    return ends + (not last.endswith(b"\n")) if last else None


def _check_utf8(name: str, text: bytes) -> None:
    try:
        text.decode()
    except UnicodeDecodeError:
        bad = [number for number, line in enumerate(text.split(b"\n"), start=1) if not _decodes(line)]
    else:
        return
    said = "not UTF-8; save the file as UTF-8"
    faults = [Fault("bad_encoding", said, file=name, line=line) for line in bad[:FAULTS_SHOWN]]
    raise InputError(f"{name} cannot be read.", faults, kinds={"bad_encoding": len(bad)})


def _decodes(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
