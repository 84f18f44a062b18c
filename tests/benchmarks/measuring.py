"""What a run costs: CPU seconds of the process and its children, wall seconds, and the highest memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Cost", "cpu_seconds", "measure"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took.

    Attributes
    ----------
    cpu, wall
        Seconds; `cpu` of all threads and ended children, in user and system mode.
    peak
        The highest resident memory while it ran, in megabytes, with what was in memory before.
    sent
        Bytes sent to a browser, where there is one.
    """

    cpu: float
    wall: float
    peak: float
    sent: int = 0


def cpu_seconds() -> float:
    """Return the CPU seconds used so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def measure(work: Callable[[], Any]) -> tuple[Cost, Any]:
    """Run `work`; return what it took and its result."""
    _forget_peak()
    cpu, wall = cpu_seconds(), time.perf_counter()
    result = work()
    return Cost(cpu_seconds() - cpu, time.perf_counter() - wall, _peak()), result


def _forget_peak() -> None:
    """Start the kernel's high-water mark anew, where it has one (Linux)."""
    marks = Path("/proc/self/clear_refs")
    if marks.exists():
        marks.write_text("5")


def _peak() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
