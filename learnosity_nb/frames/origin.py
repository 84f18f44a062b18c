"""Where a frame came from, kept with the frame itself.

pandas carries ``frame.attrs`` through most operations, so that a selection of
rows still knows the dataset it was read from. `domain.origin` says what an
export takes over of it.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..domain.origin import ORIGIN_KEY

__all__ = ["origin_of", "with_origin"]


def with_origin(frame: pd.DataFrame, **origin: Any) -> pd.DataFrame:
    """Note where a frame came from, and return the same frame.

    Parameters
    ----------
    frame
        The frame; what was noted before is replaced.
    **origin
        Plain JSON values: ``dataset_id="…", call={"method": "groups", …}``.
    """
    frame.attrs[ORIGIN_KEY] = origin
    return frame


def origin_of(frame: pd.DataFrame) -> dict[str, Any]:
    """Return what `with_origin` noted; an empty dict where nothing was."""
    return dict(frame.attrs.get(ORIGIN_KEY, {}))
