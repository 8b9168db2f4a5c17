"""Hand out, collect and return, through nbgrader's exchange.

nbgrader's own exchange trusts the file system: whoever runs under the same user can read and write
what others handed in. Here each student's sandbox has an inbound and a feedback folder of its own.
What lies in them was written by the student, and may be a link to the gradebook, a pipe, or a file
without end. So it is copied out by `tar` in a sandbox that sees this folder and nothing else, and
only then given to nbgrader.
"""

import io
import logging
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import (
    ExchangeCollect,
    ExchangeReleaseAssignment,
    ExchangeReleaseFeedback,
)
from nbgrader.utils import capture_log

from tools.homework import release
from tools.homework.settings import HomeworkError, config
from tools.hub.place import COURSE

LARGEST = 50_000_000  # bytes of one submission
SECONDS = 60
TIME = "%Y-%m-%d %H:%M:%S.%f UTC"  # as nbgrader writes it


def hand_out(here, course, names):
    """Make and check the students' notebooks, and put them where every student's server looks."""
    for name in release.release(course, names):
        _run(ExchangeReleaseAssignment, here.exchange, course, name, force=True)
        yield name, here.outbound / name


def collect(here, course, name):
    """Copy what is newest of each student into the folder that `make grade` reads.

    Return {student: what went wrong}.
    """
    problems = {}
    with tempfile.TemporaryDirectory(prefix="collected-") as folder:
        inbound = Path(folder, COURSE, "inbound")
        inbound.mkdir(parents=True)
        for student in here.students:
            (here.submitted / student).mkdir(parents=True, exist_ok=True)
            try:
                _take(here.student_exchange(student) / COURSE / "inbound", student, name, inbound)
            except (OSError, tarfile.TarError, ValueError) as problem:
                problems[student] = str(problem)
        layout = _laid_out(course, here, name)
        _run(ExchangeCollect, Path(folder), course, name, layout, update=True, check_owner=False)
    return problems


def _take(inbound, student, name, target):
    """Copy a student's newest submission, named and dated by when it was written here.

    The time in its name is the student's word; when a file changed is the kernel's.
    """
    pattern = re.compile(rf"{re.escape(student)}\+{re.escape(name)}\+[\w .:+-]{{10,60}}=*")
    found = [entry.name for entry in os.scandir(inbound) if pattern.fullmatch(entry.name)]
    if not found:
        return
    newest = max(found, key=lambda entry: _changed(inbound / entry))
    copied = Path(tempfile.mkdtemp(dir=target.parent))
    _unpack(_packed(inbound, newest), copied)
    copied = copied / newest
    if not copied.is_dir():
        raise ValueError("what was handed in holds no file of its own")
    time = datetime.fromtimestamp(_changed(inbound / newest), UTC).strftime(TIME)
    (copied / "timestamp.txt").write_text(time)
    copied.rename(target / f"{student}+{name}+{time}+hub")


def _changed(folder):
    """When anything in a folder changed last; a link is not followed."""
    times = [folder.lstat().st_ctime]
    for directory, folders, files in os.walk(folder) if not folder.is_symlink() else ():
        times += [os.lstat(os.path.join(directory, each)).st_ctime for each in folders + files]
    return max(times)


def _packed(inbound, name):
    """A folder as a tar archive, written by a process that can read nothing but ``inbound``.

    It is the student's to write, so no path within it may be followed from outside.
    """
    command = [
        *["timeout", "--signal=KILL", str(SECONDS), "bwrap", "--unshare-all", "--die-with-parent"],
        *["--cap-drop", "ALL", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib"],
        *["--ro-bind-try", "/bin", "/bin", "--ro-bind-try", "/lib64", "/lib64"],
        *["--ro-bind", str(inbound), "/inbound"],
        *["tar", "--create", "--hard-dereference", "--directory=/inbound", "--file=-", f"./{name}"],
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        content = process.stdout.read(LARGEST + 1)
        if len(content) > LARGEST:
            process.kill()
            raise ValueError(f"what was handed in is larger than {LARGEST // 1_000_000} MB")
        message = process.stderr.read().decode(errors="replace").strip()
    if process.returncode:
        raise ValueError(f"what was handed in cannot be read ({message or 'no answer'})")
    return content


def _unpack(content, target):
    """Write the files of an archive; links, pipes and the like are left out."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            if not member.isfile() or name.is_absolute() or ".." in name.parts:
                continue
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.extractfile(member).read())


def give_back(here, course, name):
    """Put the feedback pages where their students' servers look; return the students' names."""
    given = []
    with tempfile.TemporaryDirectory(prefix="feedback-") as folder:
        layout = {"root": folder, "feedback_directory": "feedback"}
        for page in sorted(course.folder(name, "feedback").glob("*.html")):
            student = page.stem
            handed_in = here.submitted / student / name
            secret = handed_in / "submission_secret.txt"
            if student not in here.students or not secret.is_file():
                continue
            own = Path(folder, "feedback", student, name)
            own.mkdir(parents=True)
            for path in (secret, handed_in / "timestamp.txt"):
                shutil.copy(path, own)
            # A page has the name of the notebook that it was handed in as.
            for notebook in handed_in.glob("*.ipynb"):
                shutil.copy(page, own / f"{notebook.stem}.html")
            layout["student_id"] = student
            _run(ExchangeReleaseFeedback, here.student_exchange(student), course, name, layout)
            given.append(student)
    return given


def _laid_out(course, here, name):
    """Collected to submitted/STUDENT/NAME, which is nbgrader's usual order of folders."""
    return {"root": str(here.folder), "submitted_directory": here.submitted.name}


def _run(transfer, root, course, name, layout=None, **options):
    """Run one of nbgrader's transfers."""
    settings = config(course)
    settings.CourseDirectory.course_id = COURSE
    if layout:
        settings.CourseDirectory.directory_structure = os.path.join(
            "{nbgrader_step}", "{student_id}", "{assignment_id}"
        )
        settings.CourseDirectory.update(layout)
    settings.Exchange.root = str(root)
    directory = CourseDirectory(config=settings, assignment_id=name)
    app = transfer(coursedir=directory, config=settings, **options)
    app.log.setLevel(logging.ERROR)
    result = capture_log(app)
    if not result["success"]:
        raise HomeworkError(f"nbgrader's exchange: {result.get('log') or result['error']}")
