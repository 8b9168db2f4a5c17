"""Sphinx's part of a build: pages from chapters that have been executed.

    python render.py CHAPTERS CONFIG TOC CACHE OUTPUT

tools/build.py runs this file in a process of its own, from the snapshot, beside the chapters: the
imports are done when it creates the file that this one waits for.
"""

import gc
import sys
import time
from pathlib import Path

from jupyter_book.sphinx import build_sphinx
from sphinx.util.console import nocolor


def main(chapters: Path, config: Path, toc: Path, cache: Path, output: Path) -> int:
    while not (output.parent / "chapters-are-done").exists():
        time.sleep(0.02)
    nocolor()  # build.py reads the messages
    gc.disable()  # a fifth of the time, for memory that the end of the process gives back
    overrides = {
        "external_toc_path": str(toc),
        "latex_individualpages": False,  # jupyter-book wants to be told
        "nb_execution_cache_path": str(cache),
        "nb_execution_raise_on_error": True,
        "nitpicky": True,
    }
    result = build_sphinx(
        chapters,
        output,
        noconfig=True,
        path_config=config,
        confoverrides=overrides,
        doctreedir=output.parent / "doctrees",
        freshenv=True,
        warningiserror=True,
        keep_going=True,
        quiet=True,
    )
    return 0 if result == 0 else 1


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
