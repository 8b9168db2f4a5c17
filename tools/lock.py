"""One job at a time in one repository: a lock that dies with the process that holds it."""

from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def hold(path: Path, doing: str):
    """Hold the lock file ``path``; say so when another process is ``doing`` the same and wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"Waiting: another process is {doing} here.", flush=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
