"""Give a submission back the cells and the metadata that it lost on its way.

nbgrader trusts the metadata of a submission; here it comes from the released notebook instead.
A cell is recognised by its grade_id, else by its cell id, else by its place among the others.
"""

import copy
import difflib
import json
import warnings

import nbformat

from tools.homework.sources import grade_id

SCHEMA = 3


class Unreadable(Exception):
    """Why a submission cannot be graded, in words for the instructor."""


def read(path, largest=50_000_000):
    """Read a submitted notebook, whatever its format."""
    if path.stat().st_size > largest:
        raise Unreadable(f"the notebook is larger than {largest // 1_000_000} MB")
    try:
        content = json.loads(path.read_bytes())  # UTF-8, -16 or -32, with a byte-order mark or not
        # Drop the outputs first: they are not graded, and they may be broken or huge.
        seen = {None}
        for cell in content.get("cells", []):
            cell.pop("attachments", None)
            if cell.get("cell_type") == "code":
                cell.update(outputs=[], execution_count=None)
            if not isinstance(cell.get("id", ""), str) or cell.get("id") in seen:
                cell.pop("id", None)
            seen.add(cell.get("id"))
        with warnings.catch_warnings(action="ignore"):  # a missing id is no fault
            notebook = nbformat.reads(json.dumps(content), as_version=4)
            _, notebook = nbformat.validator.normalize(notebook)
            nbformat.validate(notebook)
    except UnicodeDecodeError as error:
        raise Unreadable("the notebook is not a text file") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"the notebook is not valid JSON ({error})") from error
    except Exception as error:
        first = str(error).strip().splitlines() or [""]
        raise Unreadable(f"not a Jupyter notebook ({type(error).__name__}: {first[0]})") from error
    return notebook


def mend(submission, released):
    """Return ``submission`` with the metadata and graded cells of ``released``, and changes."""
    _refuse_other_schemas(submission)
    found = _recognise(submission.cells, released.cells)
    answers = {name for name, cell in _graded(released).items() if _is_answer(cell)}
    if not answers & {grade_id(released.cells[index]) for index in found.values()}:
        raise Unreadable("none of this homework's answer cells is in it: is it another homework?")
    changes = []
    cells = []
    for index, cell in enumerate(submission.cells):
        cells.append(_rebuilt(cell, released.cells[found[index]] if index in found else None))
        if index in found and grade_id(cell) != grade_id(released.cells[found[index]]):
            changes.append(f"{grade_id(released.cells[found[index]])} recognised")
    changes += _add_missing(cells, released.cells)
    for number, cell in enumerate(cells):
        cell.id = grade_id(cell) or f"cell-{number}"
    mended = copy.deepcopy(released)
    mended.cells = cells
    return mended, changes


def _refuse_other_schemas(submission):
    for cell in submission.cells:
        data = cell.metadata.get("nbgrader")
        version = data.get("schema_version", SCHEMA) if isinstance(data, dict) else SCHEMA
        if version != SCHEMA:
            raise Unreadable(
                f"its nbgrader metadata has schema {version}, not {SCHEMA}: it was made from an "
                "old release, or altered; ask for the notebook as released"
            )


def _graded(notebook):
    return {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}


def _is_answer(cell):
    return cell.metadata.nbgrader.get("solution", False)


def _recognise(cells, released):
    """Return {index in cells: index in released}, each released cell once."""
    by_name = {grade_id(cell): index for index, cell in enumerate(released) if grade_id(cell)}
    by_id = {cell.id: index for index, cell in enumerate(released) if grade_id(cell)}
    found = {}

    def claim(index, target):
        if target is not None and target not in found.values() and index not in found:
            found[index] = target

    # From the end: of two copies nbgrader keeps the last.
    backwards = list(enumerate(cells))[::-1]
    for index, cell in backwards:
        claim(index, by_name.get(grade_id(cell)))
    for index, cell in backwards:
        if not grade_id(cell):
            claim(index, by_id.get(cell.get("id")))
    if len(found) < len(by_name):
        for index, target in _aligned(cells, released):
            if target in by_name.values() and cells[index].cell_type == released[target].cell_type:
                claim(index, target)
    return found


def _aligned(cells, released):
    """Pair cells with equal text, and between those the ones that stand at the same place."""
    texts = [[cell.source.strip() for cell in part] for part in (cells, released)]
    matcher = difflib.SequenceMatcher(a=texts[0], b=texts[1], autojunk=False)
    for kind, start, end, start_released, end_released in matcher.get_opcodes():
        if kind in ("equal", "replace"):
            yield from zip(range(start, end), range(start_released, end_released), strict=False)


def _rebuilt(cell, original):
    """A released cell with the student's text, or a student's own cell without metadata."""
    if original is None:
        cell = copy.deepcopy(cell)
        cell.metadata = nbformat.NotebookNode()
        return cell
    rebuilt = copy.deepcopy(original)
    if _is_answer(original):
        rebuilt.source = cell.source
    return rebuilt


def _add_missing(cells, released):
    """Put back the graded cells that are missing, each after the cell it followed."""
    changes = []
    for index, original in enumerate(released):
        present = {grade_id(cell): place for place, cell in enumerate(cells) if grade_id(cell)}
        name = grade_id(original)
        if not name or name in present:
            continue
        # A deleted answer stays deleted: its stub could hide a definition elsewhere.
        if not original.metadata.nbgrader.grade:
            changes.append(f"{name} not found")
        else:
            changes.append(f"{name} put back")
            before = [
                present[grade_id(cell)] for cell in released[:index] if grade_id(cell) in present
            ]
            cells.insert(max(before) + 1 if before else len(cells), copy.deepcopy(original))
    return changes
