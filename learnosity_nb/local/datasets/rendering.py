"""Group files: the JSON of one group, made from the compiled columns when it is asked for.

Source: sessions-summary-by-group, "The contents of the JSON file". The ten
documented keys come first and in the documented order; ``users``,
``distribution`` and ``descendants`` are this service's own additions.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, TypeAlias

import numpy as np

from ...compute.arrays import Floats, Ints
from ...compute.summary import DISTRIBUTED
from ...domain.group_paths import GroupPath, group_name
from ...domain.policy import ROWS_PER_PAGE
from ..answers import plain
from .compiled import CompiledDataset, Span
from .parameters import DatasetParameters

__all__ = ["EXTRAS", "render_group"]

EXTRAS: Final = frozenset({"descendants", "distribution"})
"""What a group file can hold beside the usual, when it is asked for."""

ROOT_ROW: Final = 0
DESCENDANTS_PER_PAGE: Final = 50_000
DISTRIBUTIONS_PER_PAGE: Final = 2_000
PREFIX: Final = ("group_id", "group_path", "group_name")

Row: TypeAlias = tuple[Any, ...]  # not a list: the collector of garbage goes through all lists time and again


def render_group(
    compiled: CompiledDataset,
    parameters: DatasetParameters,
    row: int,
    *,
    page: int = 1,
    extras: Collection[str] = (),
) -> dict[str, Any] | None:
    """Return one page of a group's file; None for a page past the end.

    Parameters
    ----------
    compiled
        The compiled dataset.
    parameters
        Its parameters.
    row
        The group's row.
    page
        From 1; each has at most 1,000 child groups (or users, at the last level).
    extras
        What to add: ``distribution``, how often each score and percent occurs; ``descendants``, all groups below by
        level and path, 50,000 on each page; with both, 2,000 on each page and the distributions of each.
    """
    path = compiled.path(row)
    children, users = compiled.children(row), compiled.users(row)
    rows_total = max(children.stop - children.start, users.stop - users.start)
    spread = "distribution" in extras
    below = _Descendants(compiled, row, spread=spread) if "descendants" in extras else None
    pages = max(-(-rows_total // ROWS_PER_PAGE), below.pages if below else 0, 1)
    if page > pages:
        return None
    names = list(parameters.fields)
    figures = compiled.figures(children, parameters.sort_field)
    shown = children.start + _order(figures, parameters.sort_order, page)
    own = np.array([row])
    found: dict[str, Any] = {
        "group_id": compiled.columns(own, ["group_id"])[0][0],
        "group_name": group_name(path),
        "group_path": path,
        "fields": [*PREFIX, *names],
        "sort_field": parameters.sort_field,
        "sort_order": parameters.sort_order,
        "rows_per_page": ROWS_PER_PAGE,
        "rows_total": children.stop - children.start,
        "self": _group_rows(compiled, own, path[:-1], names)[0],
        "rows": _group_rows(compiled, shown, path, names),
    }
    if parameters.user_fields and len(path) == len(parameters.level_keys):
        found["users"] = _users(compiled, parameters, users, page)
    if below:
        found["descendants"] = below.page(page, names)
    if spread:
        found["distribution"] = _distributions(compiled, row)
    return found


def _distributions(compiled: CompiledDataset, row: int) -> dict[str, dict[str, list[Any]]]:
    found = {measure: compiled.distribution(row, measure) for measure in DISTRIBUTED}
    return {measure: {"values": _plain(values), "counts": counts} for measure, (values, counts) in found.items()}


def _group_rows(compiled: CompiledDataset, rows: Ints, above: GroupPath, names: list[str]) -> list[Row]:
    ids, own_names, *figures = compiled.columns(rows, ["group_id", "group_name", *names])
    paths = [() if row == ROOT_ROW else (*above, name) for row, name in zip(rows, own_names, strict=True)]
    return list(zip(ids, paths, own_names, *map(_plain, figures), strict=True))


class _Descendants:
    """All groups below a group, by level and then path, each with its distributions where `spread`."""

    def __init__(self, compiled: CompiledDataset, row: int, *, spread: bool) -> None:
        self._compiled = compiled
        self._spread = spread
        self._per_page = DISTRIBUTIONS_PER_PAGE if spread else DESCENDANTS_PER_PAGE
        self._spans = compiled.descendants(row)
        self._total = sum(span.stop - span.start for span in self._spans)
        self._top = row

    @property
    def pages(self) -> int:
        return -(-self._total // self._per_page)

    def page(self, page: int, names: list[str]) -> dict[str, Any]:
        rows = np.concatenate([np.empty(0, np.int64), *(np.arange(span.start, span.stop) for span in self._spans)])
        shown = slice((page - 1) * self._per_page, page * self._per_page)
        ids, own_names, *figures = self._compiled.columns(rows[shown], ["group_id", "group_name", *names])
        found: dict[str, Any] = {
            "rows_per_page": self._per_page,
            "rows_total": self._total,
            "rows": list(zip(ids, self._paths()[shown], own_names, *map(_plain, figures), strict=True)),
        }
        if self._spread:
            found["distributions"] = [_distributions(self._compiled, row) for row in rows[shown].tolist()]
        return found

    def _paths(self) -> list[GroupPath]:
        paths = {self._top: self._compiled.path(self._top)}
        for span in self._spans:
            rows = range(span.start, span.stop)
            parents, names = self._compiled.columns(np.arange(span.start, span.stop), ["parent", "group_name"])
            paths |= {row: (*paths[parent], name) for row, parent, name in zip(rows, parents, names, strict=True)}
        return list(paths.values())[1:]


def _users(compiled: CompiledDataset, parameters: DatasetParameters, span: Span, page: int) -> dict[str, Any]:
    fields = ["user_id", *parameters.user_fields]
    sort_field = parameters.users_sort_field or parameters.user_fields[0]
    order = _order(compiled.user_figures(span, sort_field), parameters.users_sort_order, page)
    ids, *figures = compiled.user_columns(span.start + order, fields)
    return {
        "fields": fields,
        "sort_field": sort_field,
        "sort_order": parameters.users_sort_order,
        "rows_per_page": ROWS_PER_PAGE,
        "rows_total": span.stop - span.start,
        "rows": list(zip(ids, *map(_plain, figures), strict=True)),
    }


def _order(values: Floats, sort_order: str, page: int) -> Ints:
    """Return the order of one page: by value, ties as they stand, nulls last both ways."""
    ranked = np.argsort(values if sort_order == "asc" else -values, kind="stable")
    return ranked[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE]


def _plain(column: list[Any]) -> list[Any]:
    return [plain(value) for value in column]
