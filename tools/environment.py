"""Make ``.venv``: the Python environment of the book, its tools and its tests.

    python3 tools/environment.py                     make it
    python3 tools/environment.py -m tools.book       make it, then run something in it

Any Python 3.8 or newer can run this file; it looks for a Python that the book can use. A second
run finds everything in place and returns at once. An environment that was left half-made is made
again from nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "rectified-stamp"
LOG = ROOT / "_build" / "install.log"
OLDEST = (3, 11)
NAMES = ["python3.11", "python3.12", "python3.13", "python3", "python"]

NO_PYTHON = """\
The book needs Python 3.11 or newer, and none was found (looked for: {names}).
  Debian 12 or newer, Ubuntu 24.04:  apt-get install python3 python3-venv
  macOS:                             brew install python@3.12
  anywhere:                          python.org/downloads, or `uv python install 3.12`
If it stands in an unusual place, say where:  make book PYTHON=/path/to/python3.12"""
NO_VENV = """\
{python} cannot make a virtual environment: its modules `venv` and `ensurepip` are not both there.
  Debian, Ubuntu:  apt-get install python3-venv
Then run the same command again."""
NO_PACKAGES = """\
The packages could not be installed. The last lines of {log} are:

{tail}

The first installation needs a network (about 250 MB). Behind a proxy, set HTTPS_PROXY; with a
mirror of your own, set PIP_INDEX_URL. Then run the same command again."""


@contextlib.contextmanager
def lock():
    """Let two runs wait for each other, as tools/lock.py does where packages are installed."""
    (ROOT / "_build").mkdir(exist_ok=True)
    with (ROOT / "_build" / "environment.lock").open("w") as file:
        try:
            import fcntl
        except ImportError:  # Windows: one run at a time is up to the person there
            pass
        else:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def version(python: str) -> tuple | None:
    """Version of an interpreter as three numbers, or None if it does not run."""
    code = "import sys; print(*sys.version_info[:3])"
    try:
        answer = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return tuple(map(int, answer.stdout.split())) if answer.returncode == 0 else None


def find_python() -> str:
    """The interpreter that runs this file if it is new enough, else the first that is."""
    for name in [sys.executable] + NAMES:
        path = shutil.which(name) if name else None
        if path and (version(path) or (0,)) >= OLDEST:
            return path
    raise SystemExit(NO_PYTHON.format(names=", ".join(NAMES)))


def wanted(python_version: tuple) -> str:
    """What a finished environment was made from."""
    digest = hashlib.sha256(repr((sys.platform, str(ROOT), python_version)).encode())
    for name in ["requirements.txt", "pyproject.toml"]:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def install(*arguments: str) -> None:
    """Run pip with its output in the log; show how far it is."""
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", *arguments]
    LOG.parent.mkdir(exist_ok=True)
    lines, collected = [], 0
    with LOG.open("a", encoding="utf-8") as log:
        pip = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for line in pip.stdout:
            log.write(line)
            lines.append(line.rstrip())
            if line.startswith("Collecting "):
                collected += 1
                if collected % 20 == 0:
                    print(f"  {collected} packages fetched", flush=True)
            elif line.startswith("Installing collected"):
                print("  installing them", flush=True)
    if pip.wait():
        tail = "\n".join("  " + line for line in lines if not line.startswith("WARNING"))
        tail = "\n".join(tail.splitlines()[-12:])
        raise SystemExit(NO_PACKAGES.format(log=LOG.relative_to(ROOT), tail=tail))


def make() -> None:
    found = version(str(PYTHON)) if PYTHON.exists() else None
    stamp = STAMP.read_text() if STAMP.exists() else None
    if found and stamp == wanted(found):
        return
    if not found or found < OLDEST or stamp is None:
        python = find_python()
        print("Making .venv with Python {}.{}.{}".format(*version(python)), flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
        if subprocess.run([python, "-m", "venv", str(VENV)]).returncode:
            shutil.rmtree(VENV, ignore_errors=True)
            raise SystemExit(NO_VENV.format(python=python))
        found = version(str(PYTHON))
    else:
        print("Bringing .venv up to the pins", flush=True)
        STAMP.unlink()  # an update cut short must not look finished
    LOG.unlink(missing_ok=True)
    install("-r", "requirements.txt")
    install("--no-deps", "-e", ".")
    STAMP.write_text(wanted(found))
    print("  .venv is ready", flush=True)


if __name__ == "__main__":
    with lock():
        try:
            make()
        except KeyboardInterrupt:
            raise SystemExit("\nInterrupted. The next run starts .venv again.") from None
    if sys.argv[1:]:
        try:
            sys.exit(subprocess.run([str(PYTHON), *sys.argv[1:]]).returncode)
        except KeyboardInterrupt:  # the program has had it too, and has said what there is to say
            sys.exit(130)
