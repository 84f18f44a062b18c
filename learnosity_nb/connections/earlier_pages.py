"""Pages that an earlier report left in a folder, of groups that have no page any more."""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path

from ..domain.group_paths import GroupPath
from ..errors import InputError
from ..files.page_names import possible_names
from ..files.provenance import Provenance, read_provenance, sha256_of, sidecar_of

__all__ = ["remove_earlier_pages"]


def remove_earlier_pages(folder: Path, shown: Set[GroupPath], names: Mapping[GroupPath, str]) -> None:
    """Remove the pages of groups that are withheld now or are no more, and what stands beside each.

    Only a file that a report wrote is removed: what stands beside it has its name, its sha256 and its group, and a
    report would call the page of that group so. A page that was changed since then, and one that was exported under
    another name, stay.

    Parameters
    ----------
    folder
        Where the pages are.
    shown
        The groups, of every level, that may have a page.
    names
        The names of the pages that some of them have now.

    Raises
    ------
    InputError
        If a page cannot be removed.
    """
    for page in sorted(folder.glob("*.html")):
        said = _said_of(page)
        group = None if said is None else _group_of(said)
        if said is None or group is None or page.name not in possible_names(group):
            continue
        stays = group in shown and names.get(group, page.name) == page.name
        if not stays and said.sha256 == sha256_of(page):
            _remove(page)


def _said_of(page: Path) -> Provenance | None:
    """Return what stands beside a page; None where that is nothing, or of another file."""
    try:
        said = read_provenance(page)
    except InputError:
        return None
    return said if said.file == page.name else None


def _group_of(said: Provenance) -> GroupPath | None:
    """Return the group that a page is of, as what stands beside it says; None of any other file."""
    origin = said.tables[0].origin if len(said.tables) == 1 else None
    call = {} if origin is None else origin.call or {}
    path = call.get("group_path") if call.get("method") == "walk" else None
    return tuple(path) if isinstance(path, list) and all(isinstance(part, str) for part in path) else None


def _remove(page: Path) -> None:
    try:
        page.unlink()
        sidecar_of(page).unlink()
    except OSError as error:
        raise InputError(f"{page} cannot be removed: {error.strerror or type(error).__name__}.") from None
