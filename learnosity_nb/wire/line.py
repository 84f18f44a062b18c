"""A client's line to its service: what carries its calls, and when they are made again."""

from __future__ import annotations

from typing import ClassVar, Self, TypedDict

import httpx

from .exchange import Limits
from .quiet import quieten_loggers
from .retry import RetryBudget, RetryPolicy
from .sockets import Network
from .timing import Timing

__all__ = ["Line", "LineOptions"]


class LineOptions(TypedDict, total=False):
    """The options of a `Line`, as its clients pass them on."""

    policy: RetryPolicy | None
    budget: RetryBudget | None
    limits: Limits | None
    timing: Timing | None


class Line:
    """What every client of a service has. Threads may share one.

    Parameters
    ----------
    transport
        Carries the requests; the network when omitted. Closed with the client.
    policy, budget
        When a failed call is made again.
    limits
        The bounds of one attempt.
    timing
        Where time and chance come from.
    """

    usual_limits: ClassVar[Limits] = Limits()

    def __init__(
        self,
        transport: httpx.BaseTransport | None = None,
        *,
        policy: RetryPolicy | None = None,
        budget: RetryBudget | None = None,
        limits: Limits | None = None,
        timing: Timing | None = None,
    ) -> None:
        self.timing = timing or Timing()
        self._transport = transport or Network()
        self._policy = policy or RetryPolicy()
        self._budget = budget or RetryBudget()
        self._limits = limits or self.usual_limits
        self._closed = False
        quieten_loggers()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections: every later call fails."""
        self._closed = True
        self._transport.close()
