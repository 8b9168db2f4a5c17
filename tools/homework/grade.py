"""Grade a class: collect, run nbgrader on what is new or changed, report."""

import csv
import json
import os
import time
from contextlib import contextmanager, nullcontext

import filelock

from tools.homework import collect, marks, release, report, sandbox, worker
from tools.homework.settings import HomeworkError
from tools.homework.workers import Mishap, Workers


def grade(
    course, name, submitted, roster=None, due=None, force=False, feedback=True, pool=None, log=print
):
    """Grade the submissions of one homework; return the table of this run.

    The file grades.csv also holds the students of earlier runs.
    """
    course.source(name)
    if course.cluster and not course.sandbox:
        raise HomeworkError("SANDBOX=off is for this machine: with CLUSTER, leave it out.")
    if course.sandbox and not course.cluster:
        sandbox.require()
    if not course.sandbox:
        log(
            "SANDBOX=off: the students' code runs as you, with your files, your network and the "
            "gradebook within its reach. It can read the hidden tests and change every mark."
        )
    with _alone(course, name):
        version = _prepare(course, name)
        students = _read_roster(roster) if roster else {}
        names = collect.safe_names(students)
        marks.set_roster(course, {safe: students[original] for safe, original in names.items()})
        if due:
            marks.set_deadline(course, name, due)
        submissions = collect.collect(course, name, submitted)
        state = _load(course, name)
        with nullcontext(pool) if pool else Workers(course.workers) as workers:
            with _cluster(course, log) if course.cluster else nullcontext(workers) as graders:
                _autograde(course, name, submissions, state, version, force, graders, log)
            if feedback:
                _feedback(course, name, submissions, state, workers, log)
        rows = report.rows(course, name, state, version, names)
        report.write(course, name, rows)
    handed_in = {submission.student for submission in submissions}
    earlier = {student for student, entry in state.items() if "digest" in entry} - handed_in
    return [row for row in rows if row["student"] not in earlier]


@contextmanager
def _alone(course, name):
    """Keep two gradings of the same homework from running at once."""
    course.folder(name).mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(course.folder(name, "lock"), timeout=0):
            yield
    except filelock.Timeout:
        raise HomeworkError(f"{name} is being graded by another process; wait for it.") from None


def _cluster(course, log):
    from tools.homework.cluster import Cluster  # Dask, which takes a second to import

    return Cluster(course.cluster, course.certificates, log)


def _prepare(course, name):
    """Enter the homework into the gradebook unless it is there as it is; return its version."""
    path = course.folder(name, "registered")
    wanted = release.fingerprint(course, name)
    if path.exists() and path.read_text() == wanted and marks.knows(course, name):
        return wanted
    release.check_source(course, name)
    path.unlink(missing_ok=True)
    release.register(course, name)
    release.check_release(course, name)
    path.write_text(wanted)
    return wanted


def _read_roster(path):
    """Read a table with a column `id` (or `student`): {student: what nbgrader knows of them}."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            table = list(csv.DictReader(file))
    except OSError as error:
        raise HomeworkError(f"ROSTER: {path} cannot be read: {error.strerror}.") from None
    known = ["first_name", "last_name", "email", "lms_user_id"]
    students = {}
    for row in table:
        student = (row.get("id") or row.get("student") or "").strip()
        if not student:
            raise HomeworkError(f"ROSTER: {path} needs a column `id` with a name in every row.")
        students[student] = {key: row[key].strip() for key in known if row.get(key)}
    return students


def _autograde(course, name, submissions, state, version, force, workers, log):
    graded = marks.read(course, name)
    todo = {}
    for submission in submissions:
        entry = state.setdefault(submission.student, {})
        entry.update(review=submission.review, missing=submission.missing)
        same = (entry.get("digest"), entry.get("version")) == (submission.digest, version)
        known = submission.student in graded or entry.get("failed")
        if submission.problem:
            entry.update(digest=submission.digest, version=version, failed=submission.problem)
            _drop_if_never_graded(course, name, submission, graded)
        elif force or not same or not known:
            todo[submission.student] = submission
    _save(course, name, state)
    started, failing = time.monotonic(), 0
    for done, (student, failed) in enumerate(workers.run(worker.autograde, course, name, todo), 1):
        submission, entry = todo[student], state[student]
        unchanged = entry.get("digest", submission.digest) == submission.digest
        if failed:
            _drop_if_never_graded(course, name, submission, graded)
        elif unchanged and student in graded:
            marks.keep_marked(course, name, student, graded[student])
        # The state is written last: a run killed before this line grades the student again. So
        # does the next run where not the submission was at fault, but what should have graded it.
        known = None if isinstance(failed, Mishap) else version
        entry.update(digest=submission.digest, version=known, failed=failed, told="")
        _save(course, name, state)
        failing += bool(failed)
        each = (time.monotonic() - started) / done
        log(
            f"[{done}/{len(todo)}] {student}: {'failed: ' + failed if failed else 'graded'} "
            f"({failing} failed, {each * (len(todo) - done):.0f} s left)"
        )
    if todo:
        log(f"{len(todo)} graded in {each * len(todo):.0f} s ({each:.1f} s each)")


def _drop_if_never_graded(course, name, submission, graded):
    if submission.student not in graded:
        marks.forget(course, name, submission.student)


def _feedback(course, name, submissions, state, workers, log):
    """Write the pages of those whose marks or comments are not the ones last written."""
    now = marks.read(course, name)
    folder = course.folder(name, "feedback")
    todo = []
    for submission in submissions:
        student = submission.student
        page = folder / f"{student}.html"
        if state[student]["failed"] or student not in now:
            page.unlink(missing_ok=True)
        elif state[student].get("told") != now[student].digest or not page.exists():
            todo.append(student)
    for student, failed in workers.run(worker.feedback, course, name, todo):
        state[student]["told"] = now[student].digest
        if failed:
            log(f"No feedback for {student}: {failed}")
        _save(course, name, state)


def _state_path(course, name):
    return course.folder(name, "state.json")


def _load(course, name):
    path = _state_path(course, name)
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _save(course, name, state):
    path = _state_path(course, name)
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(state, indent=1, ensure_ascii=False), "utf-8")
    os.replace(temporary, path)
