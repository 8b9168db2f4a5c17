"""Assemble in ``_build/binder`` the tree that Binder opens.

    python -m tools.book.binder

The published branch ``binder`` holds this tree: chapters, package, lock and Binder's own files, and
the students' notebooks in the place of the homework's sources, which hold the answers.
"""

from __future__ import annotations

import os
import shutil
import sys

from tools.book.inputs import NO_SOURCE, ROOT
from tools.homework import student

TREE = ROOT / "_build" / "binder"
PARTS = [".binder", "index.md", "chapters", "code", "LICENSE", "README.md", "pyproject.toml"]
PARTS += ["requirements.txt"]


def assemble() -> None:
    part = TREE.with_name("binder.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, part / name, ignore=shutil.ignore_patterns(*NO_SOURCE))
        else:
            shutil.copy2(source, part / name)
    for source in sorted((ROOT / "homework").glob("[a-z]*.md")):
        student.write(source, part / "homework")
    shutil.rmtree(TREE, ignore_errors=True)
    part.rename(TREE)


def main() -> int:
    assemble()
    files = [path for path in TREE.rglob("*") if path.is_file()]
    size = sum(map(os.path.getsize, files))
    print(f"Binder's tree, {len(files)} files, {size / 1e6:.1f} MB: {TREE.as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
