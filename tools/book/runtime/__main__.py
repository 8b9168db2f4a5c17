"""Fetch what the browser runs and make it ready in ``_build/runtime``; see the package's text."""

from __future__ import annotations

import argparse
import shutil
import sys

from tools import lock as locks
from tools.book import runtime
from tools.book.inputs import ROOT
from tools.book.runtime import fetch

NOT_FETCHED = """\
The runtime was {problem}
`make book` builds the book without the doors to it. Behind a proxy, set HTTPS_PROXY; with a mirror
of PyPI of your own, PIP_INDEX_URL. Then run `make runtime` again."""


def make() -> None:
    """Bring ``_build/runtime`` up to the lock, whole or not at all."""
    from tools.book.runtime import jupyterlite

    target = runtime.folder(ROOT)
    with locks.hold(target.with_name("runtime.lock"), "fetching the runtime"):
        if runtime.found(ROOT):
            print("The runtime is there")
            return
        lock, cache = runtime.read_lock(), fetch.cache_folder()
        cache.mkdir(parents=True, exist_ok=True)
        with locks.hold(cache / "lock", "fetching the runtime"):
            fetch.Fetch(lock, cache, lambda line: print(line, flush=True)).run()
        part = target.with_name("runtime.part")
        shutil.rmtree(part, ignore_errors=True)
        fetch.assemble(lock, cache, part)
        print("Making JupyterLite", flush=True)
        jupyterlite.build(lock, part)
        (part / runtime.MARKER).write_text(runtime.stamp(), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    print(f"The runtime is ready, {size / 1e6:.0f} MB: {target.relative_to(ROOT)}")


def main() -> int | str:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    try:
        make()
    except fetch.NotFetched as problem:
        return NOT_FETCHED.format(problem=problem)
    except KeyboardInterrupt:
        return "\nInterrupted. Files that had come are kept."
    return 0


if __name__ == "__main__":
    sys.exit(main())
