from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence

import altair as alt
import pandas as pd
import pytest

from learnosity_nb import charts
from learnosity_nb.errors import InputError, MissingExtra

Make = Callable[..., pd.DataFrame]


def words(svg: str) -> list[str]:
    return [part for part in re.findall(r"<(?:text|tspan)[^>]*>([^<]*)</", svg) if part]


def test_a_picture_has_the_names_and_the_units(classes: pd.DataFrame, school: pd.DataFrame) -> None:
    pytest.importorskip("vl_convert")
    shown = words(charts.to_svg(charts.ranking(classes, parent=school, title="Classes")))
    assert {"7a", "7b", "8a", "Classes", "Oregon 59", "Mean percent of maximum"} <= set(shown)


def test_every_kind_can_be_drawn_empty_and_full(
    classes: pd.DataFrame, school: pd.DataFrame, spread: Callable[[Sequence[float]], pd.DataFrame]
) -> None:
    pytest.importorskip("vl_convert")
    for kind in charts.KINDS:
        full = charts.kind_chart(kind["key"], classes, school, spread([1, 2, 2]), "percent")
        assert "No scores" not in words(charts.to_svg(full))
        empty = charts.kind_chart(kind["key"], classes.head(0), None, spread([]), "percent")
        assert "No scores" in words(charts.to_svg(empty))


def test_hostile_names_are_shown_as_text(groups: Make, hostile: list[str]) -> None:
    pytest.importorskip("vl_convert")
    frame = groups(hostile, mean_score=range(len(hostile)))
    svg = charts.to_svg(charts.ranking(frame, "mean_score"))
    assert "<script" not in svg
    assert "<img" not in svg
    shown = words(svg)
    for name in (
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "${7*7}",
        "{{7*7}}",
        "__proto__",
        "constructor",
        "datum.value",
    ):
        assert name in shown
    assert len([text for text in shown if text.startswith("xxx")]) == 1


def test_a_png_is_as_sharp_as_asked() -> None:
    pytest.importorskip("vl_convert")
    chart = charts.segment_mix(pd.DataFrame({"name": ["inactive"], "learners": [3]}))
    widths = [int.from_bytes(charts.to_png(chart, scale=scale)[16:20], "big") for scale in (1, 2)]
    assert widths[1] == pytest.approx(2 * widths[0], abs=2)


def test_pictures_never_use_the_network() -> None:
    pytest.importorskip("vl_convert")
    chart = alt.Chart("http://127.0.0.1:9/rows.json").mark_point().encode(x="a:Q")
    with pytest.raises(InputError, match="its data must be in it"):
        charts.to_svg(chart)


def test_without_vl_convert_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(MissingExtra, match=re.escape("pip install 'learnosity-nb[lab]'")):
        charts.to_svg(charts.segment_mix(pd.DataFrame({"name": ["inactive"], "learners": [3]})))
