"""Named places where a test may kill this process, to see what the next one finds.

``LNB_CRASH_AT=after_claim`` kills the process the first time it passes that
point, ``LNB_CRASH_AT=after_claim:3`` the third time. The environment is read
once, at import; without the setting a point costs one comparison.
"""

from __future__ import annotations

import os
import signal
from itertools import count

__all__ = ["crash_point"]

NAME, _, _NTH = os.environ.get("LNB_CRASH_AT", "").partition(":")
NTH = int(_NTH or 1)
_passings = count(1)


def crash_point(name: str) -> None:
    """Kill this process, without any clean-up, if the environment asks for it here."""
    if name == NAME and next(_passings) == NTH:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
