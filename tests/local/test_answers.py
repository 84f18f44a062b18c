from __future__ import annotations

import pytest

from learnosity_nb.local.answers import plain


@pytest.mark.parametrize(
    ("number", "written"),
    [(2.0, "2"), (-0.0, "0"), (2.5, "2.5"), (None, "None"), (3, "3"), (2.00000090071993e22, "2.00000090071993e+22")],
)
def test_whole_numbers_have_no_point(number, written) -> None:
    assert str(plain(number)) == written
