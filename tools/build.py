"""Build the book: every chapter executed, then one Sphinx build from nothing.

    python tools/build.py [--toc FILE]

The result is ``_build/html``, put there whole or not at all. A build works on a snapshot of the
sources, in ``_build/work``: what is edited meanwhile waits for the next build.

Outputs are kept in ``_build/executed/ENVIRONMENT/``, where ENVIRONMENT stands for the package, its
data and style, the installed packages, Python and the settings of the kernels. The finished book
has a stamp over all that went into it, so that a build with nothing to do returns at once.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import distributions
from pathlib import Path

import yaml

import follow
import lock
from repository import find_repository

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build"
WORK = BUILD / "work"
HTML = BUILD / "html"
STAMP = BUILD / "html.stamp"
SOURCES = ["_config.yml", "_toc.yml", "chapters", "code", "homework", "pyproject.toml"]
SOURCES += ["requirements.txt", "tools", "README.md", "LICENSE"]
NO_SOURCE = ["__pycache__", ".ipynb_checkpoints", "*.egg-info", "*.pyc", "node_modules"]
KEPT = 4  # environments whose outputs are kept, so that going back to one is quick


def start_program(program: str, *arguments: Path | str, **options) -> subprocess.Popen:
    """Start a program of the snapshot's tools, which ends with this build, however that ends."""
    tools = WORK / "tools"
    return subprocess.Popen(
        [sys.executable, tools / "follow.py", tools / program, *arguments],
        cwd=WORK,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def take_snapshot(toc: Path) -> None:
    """Copy the sources to the work folder, in the places that they have in the repository."""
    for _ in range(50):  # a kernel of a build that was killed may still be writing there
        shutil.rmtree(WORK, ignore_errors=True)
        if not WORK.exists():
            break
        time.sleep(0.1)
    WORK.mkdir(parents=True)
    for name in SOURCES:
        source = toc if name == "_toc.yml" else ROOT / name
        if source.is_dir():
            shutil.copytree(source, WORK / name, ignore=shutil.ignore_patterns(*NO_SOURCE))
        elif source.exists():
            shutil.copyfile(source, WORK / name)


def digest(*parts: str | Path) -> str:
    """One hash over texts and files (a folder counts with all its files and their names)."""
    total = hashlib.sha256()
    for part in parts:
        files = [part] if isinstance(part, str) or part.is_file() else sorted(part.rglob("*"))
        for file in files:
            if isinstance(file, str):
                data, name = file.encode(), "text"
            elif file.is_file():
                data, name = file.read_bytes(), file.relative_to(WORK).as_posix()
            else:
                continue
            total.update(f"{name} {len(data)}\n".encode())
            total.update(data)
    return total.hexdigest()


def environment() -> str:
    """Hash of all that a chapter's outputs depend on besides the chapter."""
    installed = sorted(f"{each.name}=={each.version}" for each in distributions())
    return digest(
        WORK / "code",
        WORK / "requirements.txt",
        WORK / "tools" / "kernel",
        WORK / "tools" / "execute.py",
        WORK / "tools" / "build.py",
        "\n".join([sys.version, platform.platform(), *installed]),
    )[:16]


def process_environment() -> dict[str, str]:
    """Environment variables for the kernels and Sphinx: the snapshot, and nobody's own settings."""
    threads = [
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    ]
    return {
        **os.environ,
        **dict.fromkeys(threads, "1"),  # as many chapters at a time as there are cores
        "IPYTHONDIR": str(WORK / "tools" / "kernel"),
        "JUPYTER_CONFIG_DIR": str(WORK / "jupyter"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(BUILD / "matplotlib"),  # no personal matplotlibrc; fonts listed once
        "PYTHONHASHSEED": "0",
        "RECTIFIED_EXPLORER": "static",  # all frames of an explorer, not the live control
        "PYTHONPATH": str(WORK / "code"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


class Homework:
    """The students' notebooks, made while the chapters run, or kept from an earlier build."""

    def __init__(self, environment: str):
        self.pages = WORK / "chapters" / "homework"
        sources = [WORK / "homework", WORK / "tools" / "homework"]
        self.process = None
        if all(source.exists() for source in sources):
            self.kept = BUILD / "homework-pages" / digest(*sources, environment)[:16]
            if not self.kept.exists():
                self.kept.parent.mkdir(exist_ok=True)
                self.part = Path(tempfile.mkdtemp(prefix="part-", dir=self.kept.parent))
                self.process = start_program("homework/student.py", self.part)

    def place(self) -> list[str]:
        """Put the notebooks beside the chapters; returns what went wrong."""
        if self.process:
            output = self.process.stdout.read()
            if self.process.wait():
                return [f"homework: {output.strip()}"]
            for old in self.kept.parent.iterdir():
                if old != self.part:
                    shutil.rmtree(old)
            self.part.rename(self.kept)
        if hasattr(self, "kept"):
            shutil.copytree(self.kept, self.pages)
        return []

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()


def missing_chapters() -> list[str]:
    """Pages that the table of contents names and that have no source, ``homework/`` included."""
    found = []

    def visit(entry):
        if isinstance(entry, dict):
            for key in ("root", "file"):
                if key in entry:
                    found.append(entry[key])
            for value in entry.values():
                visit(value)
        elif isinstance(entry, list):
            for each in entry:
                visit(each)

    visit(yaml.safe_load((WORK / "_toc.yml").read_text(encoding="utf-8")))
    return [
        f"_toc.yml lists {name}, but {name if '/' in name else f'chapters/{name}'}.md is not there"
        for name in found
        if not any((WORK / place / f"{name}.md").exists() for place in ("chapters", "."))
    ]


def readable(line: str) -> str:
    """A message of Sphinx with the path of the source, and the cell that a line belongs to."""
    line = line.replace(f"{WORK}{os.sep}", "")
    match = re.match(r"(chapters/[\w/-]+\.md):(\d+): ", line)
    if match:
        from myst_nb.core.read import myst_nb_reader_plugin

        try:
            starts = myst_nb_reader_plugin(str(WORK / match[1])).metadata["source_map"]
        except Exception:  # the chapter is the problem: its own message says it
            return line
        cell = sum(start <= int(match[2]) for start in starts) or 1
        line = f"{match[0][:-2]} (cell {cell}): {line[match.end() :]}"
    return line


class Sphinx:
    """Sphinx, which takes seconds to start: it does so beside the chapters, and waits for them."""

    def __init__(self, cache: Path, repository: str):
        self.process = start_program(
            "render.py",
            WORK / "chapters",
            WORK / "_config.yml",
            WORK / "_toc.yml",
            cache,
            WORK / "html",
            env=process_environment() | {"GITHUB_REPOSITORY": repository},
        )

    def write_pages(self) -> list[str]:
        """Let it go; returns its warnings and errors."""
        (WORK / "chapters-are-done").touch()
        lines = [readable(line.rstrip()) for line in self.process.stdout]
        failed = self.process.wait()
        return (lines or ["Sphinx stopped without a message"]) if failed else []

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def publish(stamp: str) -> None:
    """Put the new pages in the place of the old ones."""
    STAMP.unlink(missing_ok=True)
    old = WORK / "old"
    if HTML.exists():
        HTML.rename(old)
    (WORK / "html").rename(HTML)
    shutil.rmtree(old, ignore_errors=True)
    part = STAMP.with_suffix(".part")
    part.write_text(stamp)
    part.replace(STAMP)
    environments = sorted(BUILD.glob("executed/*/"), key=os.path.getmtime, reverse=True)
    for folder in environments[KEPT:]:
        shutil.rmtree(folder)


def build(toc: Path) -> list[str]:
    """Bring ``_build/html`` up to date; returns what is wrong with the sources, if anything."""
    take_snapshot(toc)
    kernels = environment()
    repository = find_repository(ROOT)
    repository = repository.name if repository else ""
    stamp = digest(WORK, kernels, repository, os.environ.get("SITE_URL", ""))
    if STAMP.exists() and STAMP.read_text() == stamp and (HTML / "index.html").exists():
        print("Nothing has changed")
        return []
    follow.skip_grammars()
    from execute import execute, say  # its imports cost more than finding nothing to do

    problems = missing_chapters()
    if problems:
        return problems
    settings = yaml.safe_load((WORK / "_config.yml").read_text(encoding="utf-8"))["execute"]
    os.environ.update(process_environment())
    cache = Path(tempfile.mkdtemp(prefix="cache-", dir=WORK))
    chapters = sorted((WORK / "chapters").glob("*.md"))
    executed = BUILD / "executed" / kernels
    sphinx, homework = Sphinx(cache, repository), Homework(kernels)
    try:
        problems = execute(chapters, executed, cache, settings["timeout"])
        problems = [f"chapters/{problem}" for problem in problems] or homework.place()
        if problems:
            return problems
        os.utime(executed)
        say("Writing the pages")
        start = time.perf_counter()
        problems = sphinx.write_pages()
        if problems:
            return problems
        say(f"  {time.perf_counter() - start:.1f} s")
    finally:
        homework.stop()
        sphinx.stop()
    (WORK / "html" / ".buildinfo").unlink(missing_ok=True)  # holds the path of this machine
    publish(stamp)
    return []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--toc", type=Path, default=ROOT / "_toc.yml")
    options = parser.parse_args()
    start = time.perf_counter()
    with lock.hold(BUILD / "build.lock", "building"):
        try:
            problems = build(options.toc.resolve())
        except KeyboardInterrupt:
            print("\nInterrupted. The chapters that had finished are kept.")
            return 130
    if problems:
        print("", *problems, "", sep="\n", file=sys.stderr)
        kept = " _build/html is as it was before." if HTML.exists() else ""
        print(f"The book was not built.{kept}", file=sys.stderr)
        return 1
    print(
        f"The book is built ({time.perf_counter() - start:.1f} s): {(HTML / 'index.html').as_uri()}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
