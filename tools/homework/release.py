"""From the source to the student's notebook, checked for leaks."""

import hashlib
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment, GenerateSolution

from tools.homework import sources
from tools.homework.convert import convert
from tools.homework.settings import ROOT, HomeworkError, config

SHOWN = [ROOT / "chapters", ROOT / "code" / "rectified"]


def release(course, names):
    """Make and check the students' notebooks; return their paths by name."""
    with tempfile.TemporaryDirectory(prefix="homework-") as folder:
        # A gradebook of its own: the marks of a running course are not touched.
        scratch = replace(course, build=Path(folder), gradebook_url="")
        for name in names:
            check_source(scratch, name)
            register(scratch, name)
            check_release(scratch, name)
        for name in names:
            target = course.folder(name, "release")
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(scratch.folder(name, "release"), target)
    return {name: course.notebook(name, "release") for name in names}


def register(course, name):
    """Run nbgrader generate_assignment: student's notebook, and hidden tests in the gradebook."""
    _write_source(course, name)
    _convert(GenerateAssignment, course, name)
    return course.notebook(name, "release")


def solution(course, name):
    """Run nbgrader generate_solution; return the path of the model solution."""
    notebook = course.notebook(name, "source")
    register(course, name)
    # The instructor's own code needs no sandbox.
    _convert(GenerateSolution, replace(course, sandbox=False), name)
    if course.checks.exists():
        shutil.copy(course.checks, course.folder(name, "solution"))
    return course.folder(name, "solution", notebook.name)


def fingerprint(course, name):
    """A hash of all that a mark depends on, beside the submission."""
    paths = [course.source(name), course.checks, course.homework / "nbgrader_config.py"]
    texts = [path.read_bytes() for path in paths if path.exists()]
    return hashlib.sha256(b"\0".join([course.db_url.encode(), *texts])).hexdigest()


def _write_source(course, name):
    folder = course.folder(name, "source")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    nbformat.write(sources.read(course.source(name)), course.notebook(name, "source"))


def _convert(converter, course, name):
    failed = convert(converter, config(course), name)
    if failed:
        raise HomeworkError(f"nbgrader refuses the homework {name}: {failed}")


def check_source(course, name):
    """Refuse what nbgrader would release without a word."""
    faults = [
        f"line {line}: an empty Markdown cell that nobody would see."
        for line in sources.empty_cells(course.source(name))
    ]
    notebook = sources.read(course.source(name))
    seen = set()
    for index, cell in enumerate(notebook.cells):
        where = sources.name_of(index, cell)
        grade_id = sources.grade_id(cell)
        if grade_id and grade_id in seen:
            faults.append(f"{where}: the grade_id {grade_id!r} is used twice.")
        seen.add(grade_id)
        faults += [f"{where}: {fault}" for fault in _region_faults(cell)]
    if not sources.cells(notebook, grade=True):
        faults.append("No cell has points: give at least one cell `grade: true`.")
    _report(name, faults)


def _region_faults(cell):
    """Regions are whole, in the right kind of cell, and no marker is misspelt."""
    data = cell.metadata.get("nbgrader", {})
    allowed = {
        "SOLUTION": data.get("solution"),
        "HIDDEN TESTS": data.get("grade") and not data.get("solution"),
        "MARK SCHEME": data.get("grade") or data.get("task"),
    }
    inside = None
    for line in map(str.strip, cell.source.splitlines()):
        begin, end = sources.BEGIN.fullmatch(line), sources.END.fullmatch(line)
        if begin:
            if inside:
                yield f"{line!r} within {inside}."
            if not allowed[begin[1]]:
                yield f"{line!r} in a cell that is not marked for it in its nbgrader metadata."
            inside = begin[1]
        elif end:
            if inside != end[1]:
                yield f"{line!r} ends what was not begun."
            inside = None
        elif sources.MARKER_LIKE.search(line):
            yield f"{line!r} looks like a misspelt marker; it would be released."
    if inside:
        yield f"{inside} is begun and never ended."
    if (
        data.get("solution")
        and cell.cell_type == "code"
        and "### BEGIN SOLUTION" not in cell.source
    ):
        yield "an answer cell without ### BEGIN SOLUTION."


def check_release(course, name):
    """Refuse a release that shows an answer, a hidden test or a stray file."""
    faults = []
    path = course.notebook(name, "release")
    for other in sorted(path.parent.rglob("*")):
        if other.name != path.name:
            faults.append(f"The file {other.name} would be released with the notebook.")
    notebook = nbformat.read(path, as_version=4)
    secrets = secrets_of(course, name)
    for index, cell in enumerate(notebook.cells):
        where = sources.name_of(index, cell)
        if cell.get("outputs"):
            faults.append(f"{where} has outputs.")
        for line in map(str.strip, cell.source.splitlines()):
            if line in secrets:
                faults.append(f"{where} shows {line!r}, a secret line of {secrets[line]}.")
            if sources.MARKER_LIKE.search(line):
                faults.append(f"{where} shows the marker {line!r}.")
    _report(name, faults)


def secrets_of(course, name):
    """The secret lines of a homework, without those that the book shows anyway."""
    secrets = sources.secret_lines(sources.read(course.source(name)))
    shown = sources.shown_lines([folder for folder in SHOWN if folder.exists()])
    return {line: where for line, where in secrets.items() if line not in shown}


def _report(name, faults):
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        raise HomeworkError(f"The homework {name} is not fit for release:\n{listed}")
