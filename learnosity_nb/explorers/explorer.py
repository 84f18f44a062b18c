"""What all explorers have in common: their state, seen from Python and from the browser alike."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import fields
from functools import partial
from typing import Any, Final

import ipywidgets
import pandas as pd
import traitlets

from ..pages.fallback import fallback_html
from ..pages.vega_bundle import bundle_in_background
from .explorer_faces import ExplorerFaces, PreparedView
from .loading import Loader
from .state_dicts import state_dict
from .telling import told

__all__ = ["VIEW", "Explorer"]

VIEW: Final = "view"
ASK: Final = "ask"
BUNDLE: Final = "bundle"


class Explorer(ipywidgets.VBox):  # type: ignore[misc]
    """A table and a chart whose traits are their state: one explorer says what they show of which state.

    A state is a frozen dataclass; the explorer has a trait for each of its
    fields. Views are prepared as a whole, in the kernel's thread or another,
    and then accepted: a state that cannot be shown changes nothing.

    Parameters
    ----------
    faces
        The parts on the screen.
    start
        The state to begin with.
    strict
        Whether `settle` raises the errors of clicks.
    executor
        Runs the reads that clicks start; a thread of its own when omitted.
    on_close
        Called once when the explorer is closed.

    Attributes
    ----------
    value : DataFrame
        The rows in view. Read only.
    error : str or None
        What went wrong with the last click. Read only.
    """

    value = traitlets.Instance(pd.DataFrame, read_only=True)
    error = traitlets.Unicode(None, allow_none=True, read_only=True)

    _closers: tuple[Callable[[], None], ...] = ()

    def __init__(
        self,
        faces: ExplorerFaces[Any, Any],
        start: Any,
        *,
        strict: bool,
        executor: Executor | None,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self._faces = faces
        self._shown = self._wanted = start
        self._names = tuple(field.name for field in fields(start))
        self._strict = strict
        self._raised: list[BaseException] = []
        self._loader = Loader(executor)
        super().__init__(children=faces.children)
        self._closers = (self._loader.close, faces.close, self.layout.close, on_close or (lambda: None))

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Add a still table and chart, for front ends without widgets and for saved notebooks."""
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        summary = self._faces.drawn.chart["summary"]
        return bundle | {"text/html": fallback_html(self._faces.table.view, self._picture(), summary)}

    def state_dict(self) -> dict[str, Any]:
        """Return where the explorer is, as a dict that JSON can hold; `from_state` takes it."""
        return state_dict(self._shown)

    def settle(self, timeout: float | None = None) -> None:
        """Wait until everything that clicks started is shown.

        Parameters
        ----------
        timeout
            Seconds to wait at most; no limit when omitted.

        Raises
        ------
        DeadlineExceeded
            If that took longer; it goes on.
        """
        self._loader.settle(timeout)
        if self._raised:
            raise self._raised.pop(0)

    def close(self) -> None:
        """Close the explorer and its parts; may be called again. What was passed in stays open."""
        closers, self._closers = self._closers, ()
        super().close()
        for close in closers:
            close()

    # What one explorer says of itself

    @abstractmethod
    def _gathered(self) -> Any:
        """Return the traits as a state, with what they bring along."""

    @abstractmethod
    def _prepare(self, state: Any) -> PreparedView[Any]:
        """Check a state, read what it needs and return its view; may run in another thread."""

    @abstractmethod
    def _is_at_hand(self, state: Any) -> bool:
        """Whether `_prepare` has nothing to read, so that it takes milliseconds."""

    @abstractmethod
    def _answer(self, what: str, state: Any) -> dict[str, Any]:
        """Return the answer to a button; may run in another thread."""

    @abstractmethod
    def _picture(self) -> str | None:
        """Return the chart in view as SVG; None where there is none."""

    # What changes the view

    def _begin(self) -> None:
        """Listen to Python and wait for Vega, now that there is a view."""
        self.observe(lambda _: self._on_trait(), list(self._names))
        self._loader.expect(BUNDLE, bundle_in_background(), self._faces.show_charts, self._without_charts)

    def _on_trait(self) -> None:
        """Show what Python set; read in this thread, and raise what goes wrong."""
        asked = self._gathered()
        if asked == self._shown:
            return
        try:
            prepared = self._prepare(asked)
        except BaseException:
            self._write_traits(self._shown)
            raise
        self._loader.forget(VIEW)
        self._accept(prepared)

    def _on_browser(self) -> None:
        """Show what the browser asks for: at once where all is at hand, else when it was read."""
        asked = self._faces.asked()
        if asked == self._wanted:
            return
        self._wanted = asked
        self._loader.forget(VIEW)
        try:
            if self._is_at_hand(asked):
                self._accept(self._prepare(asked))
                return
        except Exception as error:  # noqa: BLE001  (nobody but the screen hears of a click's error)
            self._fail(error)
            return
        self._faces.show_busy()
        self._loader.start(VIEW, partial(self._prepare, asked), self._accept, self._fail)

    def _on_question(self, number: int, what: str) -> None:
        answer, topic = partial(self._answer, what, self._shown), f"{ASK} {number}"
        self._loader.start(topic, answer, partial(self._reply, number), self._fail_to_answer)

    def _reply(self, number: int, found: dict[str, Any]) -> None:
        self._faces.table.reply = {"n": number, **found}

    def _accept(self, prepared: PreparedView[Any]) -> None:
        self._shown = self._wanted = prepared.state
        self._faces.show(prepared)
        self._write_traits(prepared.state, value=prepared.value, error=None)

    def _fail(self, error: BaseException) -> None:
        """Show what went wrong with a click, over the view as it was."""
        self._wanted = self._shown
        self._faces.show_error(self._said(error))

    def _fail_to_answer(self, error: BaseException) -> None:
        """Show what went wrong with a button; a view that is on its way still comes."""
        self._faces.show_no_answer(self._said(error))

    def _said(self, error: BaseException) -> str:
        """Return what to show of an error, and note it."""
        said = told(error, "The explorer failed")
        self.set_trait("error", said)
        if self._strict:
            self._raised.append(error)
        return said

    def _write_traits(self, state: Any, **others: Any) -> None:
        with self.hold_trait_notifications():
            for name in self._names:
                setattr(self, name, getattr(state, name))
            for name, value in others.items():
                self.set_trait(name, value)

    def _without_charts(self, error: BaseException) -> None:
        self._faces.show_no_charts(told(error, "The charts cannot be drawn"))
