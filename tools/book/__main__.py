"""Build the book: ``jupyter-book build .``, put in its place whole or not at all.

    python -m tools.book                             the book, in _build/html
    python -m tools.book --only chapters/definition  run this one alone, in _build/only/html

The pages are those of ``jupyter-book build .``. What is added: a build with nothing to do returns
at once, a build that fails or is stopped leaves the old pages, and two builds do not mix.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import multiprocessing
import os
import shutil
import sys
import time
from pathlib import Path

from tools import lock
from tools.book import inputs, runtime
from tools.book.inputs import ROOT

BUILD = ROOT / "_build"
HTML = BUILD / "html"
STAMP = BUILD / "html.stamp"


def jupyter_book(output: Path) -> bool:
    """Run ``jupyter-book build`` with the pages in ``output/_build/html``; False if it fails."""
    # A part of jsonschema that no book needs, and that takes more than a second to be imported.
    sys.modules["rfc3987_syntax"] = None
    from jupyter_book.cli.main import main
    from sphinx.util.console import nocolor

    if not sys.stderr.isatty():
        nocolor()
    command = ["build", str(ROOT), "--path-output", str(output), "--quiet"]
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it names folders of a moment
            main(command, standalone_mode=False)
    except SystemExit as stopped:
        if isinstance(stopped.code, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        return False
    except RuntimeError as problem:  # it has printed the cause
        print(problem.__cause__ or problem, file=sys.stderr)
        return False
    return True


def publish(pages: Path, target: Path) -> None:
    """Put new pages in the place of the old ones."""
    old = target.with_name("old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    pages.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def build(only: list[str]) -> bool:
    """Bring the pages up to date; False if the sources are at fault."""
    target = BUILD / "only" / "html" if only else HTML
    stamp = inputs.book(ROOT)
    if not only and STAMP.exists() and STAMP.read_text() == stamp and HTML.exists():
        print("Nothing has changed")
        return True
    os.environ["RECTIFIED_ONLY"] = " ".join(only)
    part = BUILD / "part"
    shutil.rmtree(part, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    print("Reading the pages and running what has changed", flush=True)
    if not jupyter_book(part):
        return False
    if not only:
        STAMP.unlink(missing_ok=True)
    publish(part / "_build" / "html", target)
    if not only and inputs.book(ROOT) == stamp:
        STAMP.write_text(stamp)
    shutil.rmtree(part, ignore_errors=True)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[], metavar="PAGE", help="as in _toc.yml")
    options = parser.parse_args()
    start = time.perf_counter()
    with lock.hold(BUILD / "build.lock", "building"):
        try:
            built = build(options.only)
        except KeyboardInterrupt:
            for process in multiprocessing.active_children():
                process.kill()
            print("\nInterrupted. The chapters that had finished are kept.")
            return 130
    if not built:
        kept = " _build/html is as it was before." if HTML.exists() else ""
        print(f"The book was not built.{kept}", file=sys.stderr)
        return 1
    pages = BUILD / "only" / "html" if options.only else HTML
    seconds = time.perf_counter() - start
    print(f"The book is built ({seconds:.1f} s): {(pages / 'index.html').as_uri()}")
    if not runtime.found(ROOT):
        print("Its pages do not run: `make runtime` fetches what they need for that.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
