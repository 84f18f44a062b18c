"""The rows in view as Python text."""

from __future__ import annotations

from typing import Any

from ..frames.sorting import learner_keys
from .learner_source import LearnerSource
from .learner_state import LearnerState

__all__ = ["view_code"]


def view_code(state: LearnerState, source: LearnerSource) -> str:
    """Return Python text that leaves in ``frame``, read by ``lrn``, what `learner_view.frame_in_view` returns."""
    if state.learner is not None:
        options = source.learner_options
        if source.days(state.learner).empty:
            options = options | {"allow_empty": True}
        read = _call("engagement_timeline", [source.course_id, state.learner], options)
        return f"{read}\nframe = frame.iloc[::-1]"
    filters = _filters(state) | source.options
    lines = [_call("learners", [source.course_id], filters)]
    if state.hide_inactive and state.segments:  # the service takes only one of the two
        lines.append("frame = frame[~frame['in_inactive']].reset_index(drop=True)")
    if state.sort_field is not None:
        keys = learner_keys(state.sort_field, state.sort_order) | {"ignore_index": True}
        lines.append(f"frame = frame.sort_values({_arguments([], keys)})")
    return "\n".join(lines)


def _filters(state: LearnerState) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if state.segments:
        given["segments"] = list(state.segments)
    elif state.hide_inactive:
        given["ignore_segments"] = ["inactive"]
    for name in ("cohort", "enrollment_mode"):
        if getattr(state, name) is not None:
            given[name] = getattr(state, name)
    if state.search:
        given |= {"text_search": state.search, "begins": True}
    return given


def _call(method: str, given: list[str], options: dict[str, Any]) -> str:
    return f"frame = lrn.{method}({_arguments(given, options)})"


def _arguments(given: list[str], options: dict[str, Any]) -> str:
    return ", ".join([*map(repr, given), *(f"{name}={value!r}" for name, value in options.items())])
