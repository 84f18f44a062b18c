from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from learnosity_nb.compute.students_t import t_quantile

DEGREES = np.concatenate([np.linspace(1, 4, 61), np.geomspace(4, 499.99, 200), [500, 501, 1e3, 31_021, 1e6, 1e9]])


@pytest.mark.parametrize("probability", [0.6, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999, 0.99995])
def test_quantiles_are_those_of_scipy(probability: float) -> None:
    expected = stats.t.ppf(probability, DEGREES)
    assert np.max(np.abs(t_quantile(probability, DEGREES) / expected - 1)) < 1e-9


def test_no_degrees_have_no_quantile() -> None:
    assert np.isnan(t_quantile(0.975, np.array([np.nan, 0.0, 0.5, -3]))).all()
    assert t_quantile(0.975, np.array([])).shape == (0,)


def test_the_shape_stays() -> None:
    assert t_quantile(0.975, np.array([[1.0, 600], [np.nan, 5]])).shape == (2, 2)
