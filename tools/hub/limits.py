"""A student's share of memory and processors, kept by the kernel's control groups.

They are there where the hub may write them: as root on Linux. Elsewhere only what `prlimit` holds
is left: the address space of each single process. `available` says which.
"""

import contextlib
import os
from pathlib import Path

TOP = Path("/sys/fs/cgroup")
PERIOD = 100_000  # microseconds, over which a share of the processors is counted
#: What the two versions of control groups call the same.
FILES = {
    1: {"memory": "memory/{}/memory.limit_in_bytes", "cpu": "cpu/{}/cpu.cfs_quota_us"},
    2: {"memory": "{}/memory.max", "cpu": "{}/cpu.max"},
}


def version():
    return 2 if (TOP / "cgroup.controllers").exists() else 1


def available():
    """Whether the groups can be made here."""
    if version() == 2:
        control = TOP / "cgroup.subtree_control"
        return os.access(control, os.W_OK) and {"memory", "cpu"} <= set(control.read_text().split())
    return all(os.access(TOP / kind / "cgroup.procs", os.W_OK) for kind in ("memory", "cpu"))


class Limits:
    """The groups of one student; where groups cannot be made, all of it does nothing."""

    def __init__(self, student, memory, processors):
        self.group = f"rectified-{os.getuid()}-{student}"
        self.values = {}
        if available():
            if memory:
                self.values["memory"] = str(memory)
            if processors:
                quota = int(processors * PERIOD)
                self.values["cpu"] = f"{quota} {PERIOD}" if version() == 2 else str(quota)

    def _path(self, kind):
        return TOP / FILES[version()][kind].format(self.group)

    def set(self):
        for kind, value in self.values.items():
            self._path(kind).parent.mkdir(exist_ok=True)
            self._path(kind).write_text(value)

    def enter(self):
        """Put this process into the groups; what it starts is in them too."""
        for kind in self.values:
            (self._path(kind).parent / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        for kind in self.values:
            # A process that was killed a moment ago may still be in it; the next call comes.
            with contextlib.suppress(OSError):
                self._path(kind).parent.rmdir()
