"""A book of three pages with this repository's own tools, package and settings."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FRONT = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
description: A page for the tests of the build.
---

"""
PAGES = {
    "index": "# A small book\n\nSee [the definition](chapters/definition.md).\n",
    "chapters/definition": """\
# Definition

ReLU is zero below zero, says {cite:t}`someone`.

```{code-cell}
import matplotlib.pyplot as plt
import numpy as np
from rectified import relu
plt.style.use("rectified.style")
print("relu of 3 is", relu(3.0))
```

```{code-cell}
---
mystnb:
  image:
    alt: A line that is zero up to zero and then rises.
---
fig, ax = plt.subplots()
ax.plot([-1, 0, 1], relu(np.array([-1.0, 0.0, 1.0])));
```

```{code-cell}
:tags: [timing]
import time
print("this took", time.perf_counter(), "seconds")
```
""",
    "chapters/references": """\
# References

```{bibliography}
```

```{code-cell}
import time
time.sleep(1)
print("one cell that takes a while")
```
""",
}
# Sphinx reads in parallel where there are more than five pages.
PAGES |= {f"chapters/{name}": f"# Page {name}\n\nWords.\n" for name in "abc"}
TOC = "format: jb-book\nroot: index\nchapters:\n"
TOC += "".join(f"  - file: {name}\n" for name in PAGES if name != "index")
SOURCE = "@book{someone, author={One, Some}, title={A Book}, publisher={Press}, year={2000}}\n"


def pytest_assertrepr_compare(op, left, right):
    """Of two books that differ, the first lines that do."""
    if op != "==" or not all(isinstance(each, dict) for each in (left, right)):
        return None
    names = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
    said = [f"these pages differ: {', '.join(names)}"]
    for name in names[:3]:
        lines = [each.get(name, b"").split(b"\n") for each in (left, right)]
        pairs = [pair for pair in zip(*lines, strict=False) if pair[0] != pair[1]]
        said += [f"{name}: {one[:500]!r} is not {other[:500]!r}" for one, other in pairs[:3]]
    return said


def _heed_ctrl_c():
    """Undo what a shell does to the programs it starts in the background, the tests perhaps."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class SmallBook:
    """The folder of a book, and its build."""

    def __init__(self, root: Path):
        self.root = root
        self.words = PAGES
        self.html = root / "_build" / "html"

    def chapter(self, name: str, text: str) -> None:
        (self.root / f"{name}.md").write_text(FRONT + text, encoding="utf-8")

    def start(self, **options) -> subprocess.Popen:
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} | options
        options["env"] = (
            os.environ | {"PYTHONPATH": str(self.root / "code")} | options.get("env", {})
        )
        return subprocess.Popen([sys.executable, "-m", "tools.book"], cwd=self.root, **options)

    def command(self, *command: str) -> str:
        """Run a program of the environment in the book's folder; returns what was printed."""
        program = Path(sys.executable).with_name(command[0])
        environment = os.environ | {"PYTHONPATH": str(self.root / "code"), "NO_COLOR": "1"}
        done = subprocess.run(
            [program, *command[1:]], cwd=self.root, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def build(self, **options) -> str:
        """Build; returns what was printed."""
        process = self.start(**options)
        output = process.communicate(timeout=300)[0]
        assert process.returncode == 0, output
        return output

    def fail(self, **options) -> str:
        """A build that must fail; returns what was printed."""
        process = self.start(**options)
        output = process.communicate(timeout=300)[0]
        assert process.returncode == 1, output
        return output

    def interrupt(self, when: str, how: signal.Signals) -> None:
        """Start a build and send it a signal once it has printed a line with ``when``."""
        process = self.start(start_new_session=True, preexec_fn=_heed_ctrl_c)
        for line in process.stdout:
            if when in line:
                break
        time.sleep(0.5 if "running" in when else 0.1)  # to write all pages takes less than a second
        # Ctrl-C reaches the whole group, as in a terminal; a kill only the one process.
        send = os.killpg if how == signal.SIGINT else os.kill
        send(process.pid, how)
        assert process.wait(timeout=60) != 0
        process.stdout.close()

    def pages(self, folder: Path | None = None) -> dict[str, bytes]:
        """The published files and their bytes, the output of cells tagged ``timing`` aside."""
        pages, folder = {}, folder or self.html
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                lines = path.read_bytes().split(b"\n")
                lines = [line for line in lines if b"this took" not in line]
                pages[path.relative_to(folder).as_posix()] = b"\n".join(lines)
        return pages

    def from_nothing(self) -> dict[str, bytes]:
        shutil.rmtree(self.root / "_build")
        self.build()
        return self.pages()


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """The sources of the small book, copied once: the repository may be edited meanwhile."""
    root = tmp_path_factory.mktemp("template") / "book"
    root.mkdir()
    for name in ["_config.yml", "pyproject.toml", "requirements.txt", "README.md", "LICENSE"]:
        shutil.copy(ROOT / name, root)
    for name in ["code", "tools"]:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "chapters").mkdir()
    (root / "_toc.yml").write_text(TOC)
    (root / "chapters" / "references.bib").write_text(SOURCE)
    book = SmallBook(root)
    for name, text in PAGES.items():
        book.chapter(name, text)
    return root


@pytest.fixture(scope="session")
def built(template, tmp_path_factory):
    """The small book, built once, in a folder of its own."""
    book = SmallBook(shutil.copytree(template, tmp_path_factory.mktemp("built") / "book"))
    book.build()
    return book


@pytest.fixture(scope="session")
def reference(built):
    """The pages of the small book."""
    return built.pages()


@pytest.fixture
def small_book(template, built, tmp_path):
    """The small book, not built; what takes seconds and is not under test is there: the fonts."""
    book = SmallBook(shutil.copytree(template, tmp_path / "book"))
    for name in ["fonts", "matplotlib"]:
        shutil.copytree(built.root / "_build" / name, book.root / "_build" / name)
    return book


@pytest.fixture
def built_book(built, tmp_path):
    """A copy of the small book that has been built."""
    return SmallBook(shutil.copytree(built.root, tmp_path / "book"))
