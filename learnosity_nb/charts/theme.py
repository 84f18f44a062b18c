"""How every chart looks: two palettes for known backgrounds, and one that reads on both.

Colours live in a chart's own ``config`` and nowhere else in its spec: a face that
knows its background sets another config and leaves the rest as it is. Nothing of
Altair's is changed: neither a theme is enabled nor a renderer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["PALETTES", "Palette", "palette_config"]

FONT: Final = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours for one kind of background.

    Attributes
    ----------
    text, muted, grid
        Titles and labels; secondary words and the axis line; grid lines.
    figure, reference
        What the data say; what they are held against. Blue and orange, which stay apart for every kind of colour
        vision.
    inside, zone
        Inside of a mark that lies on another one of the figure's colour; the middle one of three zones, and what is
        in none.
    series
        For groups drawn over each other, in their order; each also has its own dashes.
    """

    text: str
    muted: str
    grid: str
    figure: str
    reference: str
    inside: str
    zone: str
    series: tuple[str, ...]


PALETTES: Final[Mapping[bool | None, Palette]] = {
    False: Palette(
        text="#24292f",
        muted="#57606a",
        grid="#e4e7eb",
        figure="#1f6fb2",
        reference="#c2410c",
        inside="#ffffff",
        zone="#9aa3ad",
        series=("#1f6fb2", "#c2410c", "#0f7b5f", "#9a3d84", "#8a6100", "#4b4ba8"),
    ),
    True: Palette(
        text="#e6e8eb",
        muted="#a3abb5",
        grid="#383d44",
        figure="#6cb2f0",
        reference="#ff9257",
        inside="#14181d",
        zone="#7d8791",
        series=("#6cb2f0", "#ff9257", "#4fcfa5", "#e79bd0", "#dcb13c", "#aeb0ff"),
    ),
    None: Palette(
        text="#75797f",
        muted="#7b8087",
        grid="#80808038",
        figure="#3484c9",
        reference="#dd5f1e",
        inside="#ffffff",
        zone="#8a929b",
        series=("#3484c9", "#dd5f1e", "#128f6e", "#bb5fa6", "#a07a10", "#7478d8"),
    ),
}
"""By whether the background is dark; None where that is not known."""


def palette_config(dark: bool | None = None) -> dict[str, Any]:  # noqa: FBT001 - its one parameter
    """Return the Vega-Lite config of a chart: plain JSON.

    Parameters
    ----------
    dark
        Whether the background is dark; None for colours that read on both.
    """
    palette = PALETTES[dark]
    return {
        "background": "transparent",
        "font": FONT,
        "padding": 4,
        "view": {"stroke": None},
        "axis": _axis(palette),
        "axisQuantitative": {"tickCount": 6},
        "legend": _legend(palette),
        "title": {
            "anchor": "start",
            "frame": "group",
            "color": palette.text,
            "fontSize": 14,
            "fontWeight": 600,
            "subtitleColor": palette.muted,
            "subtitleFontSize": 12,
            "subtitlePadding": 4,
            "offset": 12,
        },
        "range": {
            "category": list(palette.series),
            "ramp": [palette.reference, palette.zone, palette.figure],
            "ordinal": [*[palette.figure] * 3, palette.zone],
        },
        "style": _styles(palette),
    }


def _axis(palette: Palette) -> dict[str, Any]:
    return {
        "labelColor": palette.text,
        "labelFontSize": 11,
        "labelPadding": 5,
        "titleColor": palette.muted,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "gridColor": palette.grid,
        "domainColor": palette.muted,
        "tickColor": palette.muted,
        "ticks": False,
    }


def _legend(palette: Palette) -> dict[str, Any]:
    return {
        "orient": "top",
        "direction": "horizontal",
        "labelColor": palette.text,
        "labelFontSize": 11,
        "labelLimit": 220,
        "titleColor": palette.muted,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "symbolStrokeWidth": 2,
        "offset": 14,
    }


def _styles(palette: Palette) -> dict[str, Any]:
    words = {"fontSize": 11, "color": palette.muted}
    return {
        "figure": {"color": palette.figure},
        "figure-soft": {"color": palette.figure, "fillOpacity": 0.3},
        "figure-dot": {"color": palette.figure, "fillOpacity": 0.8, "size": 50},
        "figure-ring": {"stroke": palette.figure, "strokeWidth": 1.75, "size": 55},
        "figure-line": {"color": palette.figure, "strokeWidth": 2, "strokeOpacity": 1},
        "figure-hairline": {"color": palette.figure, "strokeWidth": 1.25, "strokeOpacity": 0.75},
        "bubble": {"color": palette.figure, "fillOpacity": 0.35, "stroke": palette.figure, "strokeWidth": 1},
        "median": {"color": palette.inside, "stroke": palette.figure, "strokeWidth": 2, "size": 45},
        "reference": {"color": palette.reference, "strokeWidth": 1.5, "strokeDash": [4, 3]},
        "reference-label": {"color": palette.reference, "fontSize": 11, "fontWeight": 600},
        "limit": {"color": palette.muted, "strokeWidth": 1},
        "limit-outer": {"color": palette.muted, "strokeWidth": 1, "strokeDash": [3, 3]},
        "zero": {"color": palette.muted, "strokeWidth": 1},
        "label": words,
        "strong-label": {**words, "color": palette.text},
        "message": {"fontSize": 13, "color": palette.muted},
    }
