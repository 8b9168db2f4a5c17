"""Hashes over what a page, and what a chapter's output, depends on: the whole of "never stale"."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import sys
from importlib.metadata import distributions
from pathlib import Path

from tools.book import runtime
from tools.book.repository import find_repository

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ["_config.yml", "_toc.yml", "index.md", "chapters", "code", "homework", "tools"]
SOURCES += ["pyproject.toml", "requirements.txt", "README.md", "LICENSE"]
NO_SOURCE = ["__pycache__", ".ipynb_checkpoints", "*.egg-info", "*.pyc"]


def digest(root: Path, *parts: str | Path) -> str:
    """One hash over texts and files; a folder counts with all its files and their names."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            total.update(f"text {len(part)}\n{part}".encode())
            continue
        for file in sorted(part.rglob("*")) if part.is_dir() else [part]:
            names = [file.name, *(parent.name for parent in file.parents)]
            if file.is_file() and not any(
                Path(name).match(no) for name in names for no in NO_SOURCE
            ):
                data = file.read_bytes()
                total.update(f"{file.relative_to(root).as_posix()} {len(data)}\n".encode())
                total.update(data)
    return total.hexdigest()


def packages(root: Path) -> str:
    """The installed packages that are not those of the lock; the lock itself counts as a file.

    So the tests' packages, which come later than the book's, change nothing.
    """
    locked = {line.split(" ")[0] for line in (root / "requirements.txt").read_text().splitlines()}
    names = ((re.sub(r"[-_.]+", "-", each.name).lower(), each.version) for each in distributions())
    return "\n".join(sorted({f"{name}=={version}" for name, version in names} - locked))


def environment(root: Path, package: Path) -> str:
    """Hash of what a chapter's outputs depend on besides the chapter; ``package`` is `code/`."""
    here = [root / "requirements.txt", *(root / "tools" / "book").glob("site/execution.py")]
    here += [root / "tools" / "book" / "ipython_kernel_config.py"]
    texts = [sys.version, platform.platform(), packages(root)]
    return digest(package, package)[:16] + digest(root, *here, *texts)[:8]


def book(root: Path) -> str:
    """Hash of all that the pages depend on."""
    repository = find_repository(root)
    texts = [packages(root), repository.name if repository else "", os.environ.get("SITE_URL", "")]
    texts += [runtime.found(root)]
    sources = [root / name for name in SOURCES if (root / name).exists()]
    return digest(root, *sources, sys.version, *texts)
