"""Read a homework's MyST notebook, and tell what in it is secret."""

import re

import jupytext

from tools.homework.settings import HomeworkError

REGIONS = ["SOLUTION", "HIDDEN TESTS", "MARK SCHEME"]
BEGIN = re.compile(rf"### BEGIN ({'|'.join(REGIONS)})$")
END = re.compile(rf"### END ({'|'.join(REGIONS)})$")
#: Anything that looks as if it were meant for a marker.
MARKER_LIKE = re.compile(
    r"\b(BEGIN|END)\b[ \t]+\w|#{2,}[ \t]*(BEGIN|END|SOLUTION|HIDDEN)\b"
    r"|\b(BEGIN|END)[ _-]*(HID|SOL|MARK|TEST)|^[ \t]*#+[ \t]*(begin|end)[ \t]+(hid|sol)\w*",
    re.MULTILINE,
)


def read(path):
    """Return the notebook, its cells named: a graded cell by its grade_id, others by position."""
    try:
        notebook = jupytext.read(path)
    except Exception as error:
        raise HomeworkError(f"{path.name} cannot be read as a MyST notebook: {error}") from error
    for index, cell in enumerate(notebook.cells):
        cell.id = grade_id(cell) or f"cell-{index}"
    notebook.metadata.pop("jupytext", None)
    notebook.nbformat_minor = 5
    return notebook


def empty_cells(path):
    """Return the line numbers of `+++` with no text after it: jupytext drops such a cell."""
    text = path.read_text("utf-8")
    empty = re.finditer(r"^\+\+\+.*\n(?=\s*(\+\+\+|```\{code-cell\}|\Z))", text, re.MULTILINE)
    return [text.count("\n", 0, match.start()) + 1 for match in empty]


def grade_id(cell):
    """The name that nbgrader knows the cell by, or None; submissions may hold anything here."""
    data = cell.metadata.get("nbgrader")
    name = data.get("grade_id") if isinstance(data, dict) else None
    return name if isinstance(name, str) else None


def name_of(index, cell):
    """How a message calls a cell."""
    first = next((line.strip() for line in cell.source.splitlines() if line.strip()), "empty")
    return f"cell {index + 1} ({grade_id(cell) or first[:50]})"


def secret_lines(notebook):
    """Return {line: cell's name} for the lines within regions of answers and hidden tests."""
    secrets = {}
    for index, cell in enumerate(notebook.cells):
        inside = None
        for line in cell.source.splitlines():
            begin, end = BEGIN.search(line.strip()), END.search(line.strip())
            if begin:
                inside = begin[1]
            elif end:
                inside = None
            elif inside and line.strip():
                secrets.setdefault(line.strip(), name_of(index, cell))
    return secrets


def shown_lines(folders):
    """Return every line that the chapters and the package show anyway."""
    lines = set()
    for folder in folders:
        for path in [*folder.rglob("*.md"), *folder.rglob("*.py")]:
            lines.update(line.strip() for line in path.read_text("utf-8").splitlines())
    return lines


def cells(notebook, **flags):
    """Return {grade_id: cell} of the cells whose nbgrader metadata has these flags."""
    found = {}
    for cell in notebook.cells:
        data = cell.metadata.get("nbgrader", {})
        if data and all(bool(data.get(flag)) == value for flag, value in flags.items()):
            found[data["grade_id"]] = cell
    return found
