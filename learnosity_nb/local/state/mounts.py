"""Whether a directory lies on a network file system, where SQLite's write-ahead log must not be used."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["on_network"]

_MOUNTS = Path("/proc/mounts")
_NETWORK = re.compile(r"nfs\d*|cifs|smb.*|fuse\.sshfs")
_OCTAL = re.compile(r"\\([0-7]{3})")


def on_network(path: Path, mounts: Path = _MOUNTS) -> bool:
    """Return whether `path` is on NFS, SMB or SSHFS, as far as the system's table of mounts says.

    Parameters
    ----------
    path
        An existing directory.
    mounts
        The table, in the form of Linux's ``/proc/mounts``. Where there is none the directory is taken as local.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    target = path.resolve()
    kind, depth = "", -1
    for line in lines:
        _, point, found, *_ = line.split(" ")
        mounted = Path(_OCTAL.sub(lambda match: chr(int(match[1], 8)), point))
        # A later mount on the same point hides the earlier one, hence >= and not >.
        if target.is_relative_to(mounted) and len(mounted.parts) >= depth:
            kind, depth = found, len(mounted.parts)
    return _NETWORK.fullmatch(kind) is not None
