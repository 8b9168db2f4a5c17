"""How long a build takes: from nothing, with nothing changed, with one chapter changed.

Everything happens in a copy of the repository; what is compared is the shortest of the rounds.
``jupyter-book build .`` from nothing stands beside, and so does a build that runs one chapter after
the other, as Jupyter Book does without our extension.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.book.inputs import ROOT

BARS = [  # what, of what, at most
    ("cold build", "one after the other", 0.75),
    ("cold build", "jupyter-book build .", 1.1),
    ("nothing changed", "cold build", 0.15),
    ("one chapter changed", "cold build", 0.5),
]


def timed(copy: Path, *command: str, **variables: str) -> float:
    start = time.perf_counter()
    variables = os.environ | {"PYTHONPATH": str(copy / "code")} | variables
    done = subprocess.run(command, cwd=copy, env=variables, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return time.perf_counter() - start


def measure(copy: Path, number: int) -> dict[str, float]:
    book = [sys.executable, "-m", "tools.book"]
    stock = [str(Path(sys.executable).with_name("jupyter-book")), "build", "."]
    seconds = {}

    def from_nothing(name, command, **variables):
        shutil.rmtree(copy / "_build", ignore_errors=True)
        seconds[name] = timed(copy, *command, **variables)

    from_nothing("one after the other", book, RECTIFIED_JOBS="1")
    from_nothing("jupyter-book build .", stock)
    from_nothing("cold build", book)
    seconds["nothing changed"] = timed(copy, *book)
    chapter = copy / "chapters" / "derivative.md"
    text = chapter.read_text(encoding="utf-8")
    chapter.write_text(text.replace("\nimport ", f"\n# round {number}\nimport ", 1))
    seconds["one chapter changed"] = timed(copy, *book)
    chapter.write_text(text, encoding="utf-8")
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    rounds = parser.parse_args().rounds
    best: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        ignored = shutil.ignore_patterns(".venv", "_build", ".git", "__pycache__", ".*_cache")
        copy = Path(shutil.copytree(ROOT, Path(place) / "book", ignore=ignored))
        timed(copy, sys.executable, "-m", "tools.book")  # once, so that files are in memory
        for number in range(rounds):
            for name, seconds in measure(copy, number).items():
                best[name] = min(seconds, best.get(name, seconds))
                print(f"round {number + 1}: {name}: {seconds:.1f} s", flush=True)
    failed = 0
    print()
    for what, of, bar in BARS:
        ratio = best[what] / best[of]
        failed += ratio > bar
        mark = "" if ratio <= bar else "   over the bar"
        print(f"{what} / {of}: {best[what]:.1f} s / {best[of]:.1f} s = {ratio:.2f}, "
              f"at most {bar}{mark}")  # fmt: skip
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
