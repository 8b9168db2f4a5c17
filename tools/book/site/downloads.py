"""Each chapter as a notebook for elsewhere, and the course's package as a wheel beside it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from functools import cache
from pathlib import Path

import jupytext
import nbformat

from tools.book.site import citations
from tools.homework import student

SOURCE_DATE = (
    "1577836800"  # of the files in the wheel: 1 January 2020, so that two builds are equal
)


@cache
def has_code(path: Path) -> bool:
    """Whether a page is a notebook with code, and not prose only."""
    text = path.read_text(encoding="utf-8")
    return "format_name: myst" in text[:600] and "\n```{code-cell}" in text


def _settings(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def wheel_name(root: Path) -> str:
    project = _settings(root)
    return f"{project['name']}-{project['version']}-py3-none-any.whl"


def notebook(path: Path, name: str):
    """A page that has code as a notebook: no outputs, no cells that the page removes."""
    if name.startswith("homework/"):  # handed out as nbgrader wants it back
        return student.student(path)
    notebook = jupytext.read(path)
    kept = [cell for cell in notebook.cells if "remove-cell" not in cell.metadata.get("tags", [])]
    for cell in kept:
        if cell.cell_type == "markdown":
            cell.source = citations.readable(cell.source, path.with_name("references.bib"))
            cell.source = re.sub(r"\]\(([\w./-]+)\.md([#)])", r"](\1.ipynb\2", cell.source)
            cell.metadata.pop("jupyter", None)
    notebook.cells = kept
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": kernel, "language_info": {"name": "python"}}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return number_cells(notebook)


def number_cells(notebook):
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    return notebook


def write_notebooks(app, folder: Path) -> None:
    """Write each page that has code as an .ipynb; a chapter begins by getting the package."""
    root = Path(app.srcdir)
    for name in sorted(app.env.found_docs):
        path = Path(app.env.doc2path(name))
        if not has_code(path):
            continue
        target = folder / f"{name}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        offered = notebook(path, name)
        if not name.startswith("homework/"):
            first = first_cells(app.config.html_baseurl, wheel_name(root))
            offered.cells = first + offered.cells
            number_cells(offered)
        nbformat.write(offered, target)


def first_cells(base_url: str, wheel: str) -> list:
    """Return the cell that says where the package is to be had, and gets it."""
    if base_url:
        where = f"{base_url}notebooks/{wheel}"
        text = "It is installed from the course's site where it is missing."
    else:
        where = wheel
        text = f"Where it is missing, put `{wheel}`, offered beside this notebook, in its folder."
    install = 'from importlib.util import find_spec\n\nif not find_spec("rectified"):\n'
    install += f'    %pip install --quiet "{where}"'
    return [
        nbformat.v4.new_markdown_cell(
            f"This notebook needs the course's package `rectified`. {text}"
        ),
        nbformat.v4.new_code_cell(install),
    ]


def write_wheel(root: Path, folder: Path) -> None:
    """Build the package's wheel, from a copy: setuptools writes beside its sources."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch, "source")
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(root / "code", copy / "code", ignore=ignored)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copyfile(root / name, copy / name)
        build = f"from setuptools import build_meta; build_meta.build_wheel({str(folder)!r})"
        environment = os.environ | {"SOURCE_DATE_EPOCH": SOURCE_DATE}
        command = [sys.executable, "-c", build]
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the package's wheel could not be built:\n{done.stderr}")
