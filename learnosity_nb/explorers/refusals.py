"""Errors that traitlets knows for refusals, so that a set of changes is taken back as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import traitlets

from ..errors import LearnosityError, restore_error

__all__ = ["refusing"]

E = TypeVar("E", bound=LearnosityError)


@contextmanager
def refusing() -> Iterator[None]:
    """Within a validator: raise this package's errors as refusals.

    A refusal is the same error, of a class that is `traitlets.TraitError` too:
    `HasTraits.hold_trait_notifications` takes its changes back for no other.
    """
    try:
        yield
    except LearnosityError as error:
        raise _refusal(error) from None


def _refusal(error: E) -> E:
    kind = type(error)
    both: type[E] = type(kind.__name__, (kind, traitlets.TraitError), {"__module__": kind.__module__})
    return restore_error(both, error.args, error.__dict__)
