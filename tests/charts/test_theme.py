from __future__ import annotations

import json

import pytest

from learnosity_nb.charts.theme import PALETTES, palette_config


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("dark", "background", "words"),
    [(False, "#ffffff", 4.5), (True, "#111111", 4.5), (None, "#ffffff", 3.8), (None, "#111111", 3.8)],
)
def test_words_and_marks_stand_out_from_the_background(dark: bool | None, background: str, words: float) -> None:
    palette = PALETTES[dark]
    assert contrast(palette.text, background) >= words
    assert contrast(palette.muted, background) >= words
    for colour in (palette.figure, palette.reference, *palette.series):
        assert contrast(colour, background) >= 3


def test_a_config_is_plain_json() -> None:
    for dark in (None, False, True):
        assert json.loads(json.dumps(palette_config(dark))) == palette_config(dark)
        assert palette_config(dark)["background"] == "transparent"
