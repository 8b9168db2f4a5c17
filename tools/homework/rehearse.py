"""Prove a homework on itself: blank scores 0, the model full marks, each mutant what it should."""

import copy
import hashlib
import re
import tempfile
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import nbformat

from tools.homework import grade, release, sandbox, sources
from tools.homework.settings import ROOT, HomeworkError
from tools.homework.workers import Workers

MUTANT = re.compile(r"^# %% (?P<exercise>[\w-]+): (?P<fault>.+)$", re.MULTILINE)


def rehearse(course, names, log=print):
    """Grade the class of blank, model and mutants of each homework, unless nothing changed.

    It is the instructor's own code: where there is no sandbox, it runs without.
    """
    reason = _no_sandbox()
    wanted = {name: _fingerprint(course, name) for name in names}
    stamps = {name: course.folder(name, "rehearsed") for name in names}
    changed = [
        name
        for name, stamp in stamps.items()
        if not stamp.exists() or stamp.read_text() != wanted[name]
    ]
    for name, count in run(replace(course, sandbox=not reason), changed):
        stamps[name].parent.mkdir(parents=True, exist_ok=True)
        stamps[name].write_text(wanted[name])
        log(f"{name}: blank scores 0, the model full marks, {count} mutants lose what they should")
    if reason:
        log(f"Not run: the sandbox. {reason}")


def run(course, names, mutants=True, pool=None):
    """Grade the class of each homework; yield its name and how many mutants there were."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        scratch = replace(course, build=Path(folder, "build"), gradebook_url="")
        with nullcontext(pool) if pool else Workers(course.workers) as workers:
            for name in names:
                yield name, _run(scratch, name, Path(folder, name), mutants, workers)


def _run(course, name, folder, mutants, pool):
    expected = write_class(course, name, folder, mutants)
    rows = grade.grade(course, name, folder, feedback=False, pool=pool, log=lambda line: None)
    faults = [fault for row in rows for fault in _compare(row, expected[row["student"]])]
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        raise HomeworkError(f"The tests of the homework {name} do not do their work:\n{listed}")
    return len(rows) - 2


def read_mutants(course, name):
    """Return [(exercise, fault, code)], the wrong solutions that a homework names."""
    path = course.homework / f"{name}.mutants.py"
    if not path.exists():
        return []
    text = path.read_text("utf-8")
    starts = list(MUTANT.finditer(text))
    ends = [*(match.start() for match in starts[1:]), len(text)]
    return [
        (match["exercise"], match["fault"], text[match.end() : end].strip())
        for match, end in zip(starts, ends, strict=True)
    ]


def write_class(course, name, folder, mutants=True):
    """Write the submissions; return {student: {exercise: points}}."""
    source = sources.read(course.source(name))
    release.check_source(course, name)
    released = nbformat.read(release.register(course, name), as_version=4)
    points = {
        key: cell.metadata.nbgrader.points
        for key, cell in sources.cells(source, grade=True).items()
    }
    # nbgrader gives no points for words, nor for a text that was left as it was.
    written = sources.cells(source, grade=True, solution=True)
    full = {key: 0 if key in written else value for key, value in points.items()}
    model = {key: cell.source for key, cell in sources.cells(source, solution=True).items()}
    expected = {"model": full, "blank": dict.fromkeys(points, 0)}
    _write(folder / "model", name, released, model)
    _write(folder / "blank", name, released, {})
    for exercise, fault, code in read_mutants(course, name) if mutants else []:
        if f"{exercise}-answer" not in model or exercise not in points:
            raise HomeworkError(f"{name}.mutants.py: no exercise {exercise!r} (in {fault!r}).")
        student = f"{exercise}: {fault}".replace("/", "∕")
        _write(folder / student, name, released, model | {f"{exercise}-answer": code})
        expected[student] = full | {exercise: 0}
    return expected


def _write(folder, name, released, answers):
    notebook = copy.deepcopy(released)
    for cell in notebook.cells:
        cell.source = answers.get(sources.grade_id(cell), cell.source)
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")


def _compare(row, expected):
    if row["status"] not in ("graded", "needs-manual"):
        yield f"{row['student']}: {row['status']} ({row['review']})"
        return
    for exercise, points in expected.items():
        got = float(row[exercise] or 0)
        if got != points:
            yield f"{row['student']}: {exercise} gave {got:g} points, not {points:g}"


def _no_sandbox():
    """Why there is none here, or nothing."""
    try:
        sandbox.require()
    except HomeworkError as error:
        return str(error)
    return ""


def _fingerprint(course, name):
    paths = [course.source(name), course.homework / f"{name}.mutants.py", course.checks]
    paths += [course.homework / "nbgrader_config.py", *Path(__file__).parent.glob("*.py")]
    paths += sorted((ROOT / "code" / "rectified").rglob("*.py"))
    texts = [path.read_bytes() for path in paths if path.exists()]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()
