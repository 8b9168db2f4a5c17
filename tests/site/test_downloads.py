"""What a reader takes away: the notebook runs elsewhere, with the package that the site carries."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from tools.book.site import citations

# Runs a notebook's cells in a process that has the course's dependencies and not its package.
RUN = """
import sys, nbformat
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in nbformat.read(sys.argv[1], 4).cells:
    if cell.cell_type == "code":
        shell.run_cell(cell.source).raise_error()
import rectified
print("package:", rectified.__file__)
"""


def test_every_page_with_code_can_be_taken(book):
    pages = [page for page in book.glob("chapters/*.html") if "cell_input" in page.read_text()]
    assert len(pages) >= 5
    for page in pages:
        notebook = nbformat.read(book / "notebooks" / "chapters" / f"{page.stem}.ipynb", 4)
        nbformat.validate(notebook)
        assert "rectified" in notebook.cells[0].source and ".whl" in notebook.cells[1].source
        for cell in notebook.cells:
            assert "remove-cell" not in cell.metadata.get("tags", [])
            assert not cell.get("outputs")
            assert "{cite" not in cell.source  # nobody resolves it there
        assert f"notebooks/chapters/{page.stem}.ipynb" in page.read_text()


def test_citations_are_readable(tmp_path):
    bibliography = tmp_path / "some.bib"
    author = "author = {Nair, Vinod and Hinton, Geoffrey E.}, doi = {10.1/x}"
    bibliography.write_text(
        f"@article{{nair2010, title = {{T}}, year = {{2010}}, {author}}}\n"
        "@misc{team, title = {T}, year = {2024}, author = {{Gemma Team}}}\n"
        "@misc{three, title = {T}, year = {2017}, author = {A, a and Luk{\\'a}cs, b and C, c}}\n"
    )
    text = "By {cite:t}`nair2010` ({cite:p}`team,three`), {cite:t}`three`."
    assert citations.readable(text, bibliography) == (
        "By Nair and Hinton ([2010](https://doi.org/10.1/x)) ((Gemma Team, 2024; A et al., 2017)), "
        "A et al. (2017)."
    )


def test_wheel_holds_the_package(book):
    (wheel,) = (book / "notebooks").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "rectified/__init__.py" in names and "rectified/style.mplstyle" in names
    assert any(name.startswith("rectified/data/") for name in names)


def test_notebook_runs_in_an_empty_environment(book, tmp_path):
    """The first cell gets the package; then all cells run. Without that cell they cannot."""
    source = book / "notebooks"
    for file in [source / "chapters" / "definition.ipynb", *source.glob("*.whl")]:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    notebook = nbformat.read(tmp_path / "definition.ipynb", 4)
    if "http" in notebook.cells[1].source:
        pytest.fail("built for a known site: its wheel would come from there, not from this build")
    # -S leaves out the .pth files, and with them the package as it is installed for working on it.
    packages = Path(nbformat.__file__).parents[1]
    target = tmp_path / "installed"
    target.mkdir()
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(target), str(packages)]),
        "PIP_TARGET": str(target),
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "MPLBACKEND": "agg",
    }

    def run(cells):
        file = tmp_path / "run.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=cells), file)
        command = [sys.executable, "-S", "-c", RUN, file]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    missing = run(notebook.cells[2:])
    assert missing.returncode and "rectified" in missing.stderr
    done = run(notebook.cells)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    assert f"package: {target}" in done.stdout
