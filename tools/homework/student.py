"""The student's notebook as the book shows and offers it, made without nbgrader.

The book is built without nbgrader's packages, which weigh more than the book's own. What is done
here is what `nbgrader generate_assignment` does for a source that `release.check_source` lets pass;
a test compares the two, cell by cell.
"""

import hashlib
import re

import nbformat

from tools.homework import sources
from tools.homework.settings import HomeworkError

STUBS = {"code": "# YOUR CODE HERE\nraise NotImplementedError()", "markdown": "YOUR ANSWER HERE"}


def student(path):
    """Return the notebook that students get; ``path`` is the homework's source."""
    notebook = sources.read(path)
    for index, cell in enumerate(notebook.cells):
        data = cell.metadata.get("nbgrader", {})
        answer, graded = data.get("solution", False), data.get("grade", False)
        stub = STUBS.get(cell.cell_type, "")
        replaced = _replace(cell, "SOLUTION", stub)
        if answer and not replaced:
            cell.source = stub
        _replace(cell, "HIDDEN TESTS")
        _replace(cell, "MARK SCHEME")
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if answer or graded or data.get("locked"):
            cell.metadata.deletable = False
            if not answer:
                cell.metadata.editable = False
            data["checksum"], data["cell_type"] = _checksum(cell), cell.cell_type
        if sources.MARKER_LIKE.search(cell.source):
            where = sources.name_of(index, cell)
            raise HomeworkError(f"{path.name}: {where} has a misspelt marker: see `make homework`")
    return notebook


def _replace(cell, region, stub=None):
    """Cut the regions of one kind out of a cell, and put a stub in their place."""
    pattern = rf"^([ \t]*)[^\n]*### BEGIN {region}.*?### END {region}[^\n]*\n?"

    def put(match):
        return "" if stub is None else "".join(f"{match[1]}{line}\n" for line in stub.split("\n"))

    text, count = re.subn(pattern, put, cell.source + "\n", flags=re.MULTILINE | re.DOTALL)
    cell.source = text[:-1]
    return count


def _checksum(cell):
    """As `nbgrader.utils.compute_checksum`: by it nbgrader sees whether a test was altered."""
    data = cell.metadata.nbgrader
    flags = [bool(data.get(flag, False)) for flag in ("grade", "solution", "locked")]
    parts = [cell.source, cell.cell_type, *map(str, flags), data["grade_id"]]
    if data.get("grade"):
        parts.append(str(float(data["points"])))
    return hashlib.md5("".join(parts).encode()).hexdigest()


def write(path, folder):
    """Write the student's notebook of the homework ``path`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(student(path), folder / f"{path.stem}.ipynb")
