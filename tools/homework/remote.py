"""What a worker of a cluster does: run one submission after another.

It learns neither whose they are nor what they are worth: everybody is `somebody` here, and marks
are entered where the submission came from.
"""

import faulthandler
import functools
import shutil
import tempfile
import time
from pathlib import Path

import distributed

from tools.homework import machines, release, sandbox, worker
from tools.homework.settings import Course, HomeworkError

SOMEBODY = "somebody"
REFUSED = "refused"  # what Dask calls the news of a worker that went away
LONGEST = sandbox.SECONDS + 300  # seconds until a worker that hangs is ended; Dask starts another


def grade(wanted, homework, name, submission):
    """Run one submission; return why it failed, or nothing, and the notebook as it ran."""
    _fit(wanted)
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    try:
        course = _course(homework, name)
        _write(course.notebook(name, "submitted", SOMEBODY).parent, submission)
        failed = worker.run(course, name, SOMEBODY)
        path = course.notebook(name, "autograded", SOMEBODY)
        return failed, "" if failed else path.read_text("utf-8")
    finally:
        faulthandler.cancel_dump_traceback_later()


def _fit(wanted):
    """Leave the cluster unless this worker still is what it was when it started."""
    try:
        sandbox.require()
        if machines.book() != wanted:
            raise HomeworkError("its copy of the book was changed after it started.")
    except HomeworkError as reason:
        here = distributed.get_worker()
        here.log_event(REFUSED, f"The worker {here.address} refuses to grade: {reason}")
        here.loop.add_callback(here.close, reason="refused")
        time.sleep(10)  # so that Dask does not choose it again
        raise distributed.Reschedule from None


@functools.lru_cache(4)
def _course(homework, name):
    """A course of this worker alone, in which nobody but `somebody` hands in."""
    folder = Path(tempfile.mkdtemp(prefix="course-", dir=distributed.get_worker().local_directory))
    _write(folder / "homework", homework)
    course = Course(homework=folder / "homework", build=folder / "grading")
    release.register(course, name)
    return course


def _write(folder, files):
    shutil.rmtree(folder, ignore_errors=True)
    for file, content in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
