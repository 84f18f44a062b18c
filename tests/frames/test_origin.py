from __future__ import annotations

import pandas as pd

from learnosity_nb.domain.origin import parse_origin
from learnosity_nb.frames.origin import origin_of, with_origin


def test_the_origin_stays_with_a_selection_of_rows() -> None:
    call = {"method": "groups", "group_path": ["Oregon"]}
    frame = with_origin(pd.DataFrame({"population": [3, 1, 2]}), dataset_id="d", call=call)
    assert origin_of(frame[frame["population"] > 1].sort_values("population")) == {"dataset_id": "d", "call": call}


def test_an_export_understands_it() -> None:
    frame = with_origin(pd.DataFrame(), dataset_id="d", call={"method": "walk", "min_population": 5})
    found = parse_origin(origin_of(frame))
    assert found is not None
    assert (found.dataset_id, found.call) == ("d", {"method": "walk", "min_population": 5})


def test_a_frame_of_ones_own_has_none() -> None:
    assert origin_of(pd.DataFrame()) == {}
