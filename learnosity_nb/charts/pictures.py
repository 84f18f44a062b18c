"""Charts as pictures, without a browser and without a network."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any, Final

import altair as alt

from ..errors import InputError, MissingExtra
from .drawing import WIDTH

__all__ = ["to_png", "to_svg"]

NO_NETWORK: Final[list[str]] = []
"""The addresses from which a chart may load data or pictures: none."""


def to_svg(chart: alt.TopLevelMixin) -> str:
    """Return a chart as SVG.

    Parameters
    ----------
    chart
        Any Altair chart whose data are in it.

    Raises
    ------
    InputError
        If the chart's data are elsewhere.
    MissingExtra
        If vl-convert is not installed: ``pip install 'learnosity-nb[lab]'``.
    """
    return str(_drawn("vegalite_to_svg", chart))


def to_png(chart: alt.TopLevelMixin, scale: float = 2) -> bytes:
    """Return a chart as PNG.

    Parameters
    ----------
    chart
        Any Altair chart whose data are in it.
    scale
        Pixels for each unit of the chart; 2 is sharp on most screens.

    Raises
    ------
    InputError
        If the chart's data are elsewhere.
    MissingExtra
        If vl-convert is not installed: ``pip install 'learnosity-nb[lab]'``.
    """
    return bytes(_drawn("vegalite_to_png", chart, scale=scale))


def _drawn(function: str, chart: alt.TopLevelMixin, **options: Any) -> Any:
    converter, spec = _converter(), _spec(chart)
    try:
        return getattr(converter, function)(spec, allowed_base_urls=NO_NETWORK, **options)
    except ValueError:
        raise InputError("This chart cannot be drawn: its data must be in it, not at an address.") from None


def _spec(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """Return the spec, with a width where it is left to what holds the chart."""
    spec = chart.to_dict()
    return {**spec, "width": WIDTH} if spec.get("width") == "container" else spec


def _converter() -> ModuleType:
    try:
        return importlib.import_module("vl_convert")
    except ImportError:
        raise MissingExtra("vl-convert-python", "lab", "A picture of a chart") from None
