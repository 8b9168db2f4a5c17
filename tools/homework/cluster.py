"""Grade on the workers of a Dask scheduler: processes on this machine or on others.

A submission travels to a worker together with its homework, and the notebook travels back with
what its tests said. Only this process enters marks, so that a worker needs neither a shared folder
nor the gradebook.

A worker offers Dask a resource that is named after its version of the book, and a submission asks
for that of the process that sends it: Dask itself sends nothing to a worker of another version.
"""

import logging
import time
import warnings
from collections import Counter

import distributed
from distributed.scheduler import KilledWorker, NoValidWorkerError, NoWorkerError

from tools.homework import machines, remote, worker
from tools.homework.settings import HomeworkError
from tools.homework.workers import Workers


class Cluster(Workers):
    """The workers of a scheduler, to be used as those of this machine are."""

    died = KilledWorker  # Dask tried it on four of them
    work = staticmethod(remote.grade)

    def __init__(self, address, certificates, log=print):
        self.address, self.log = address, log
        self.book = machines.book()
        self.counted = 0, 0.0
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it says, is said here
        warnings.filterwarnings("ignore", "Sending large graph")  # large submissions are no fault
        try:
            self.client = distributed.Client(
                address,
                security=machines.security(address, certificates),
                timeout=10,
                set_as_default=False,
            )
        except (OSError, ValueError) as error:
            raise HomeworkError(
                f"No scheduler answers at {address} ({error}). Start one with `make scheduler`."
            ) from None
        self.pool = self.client.get_executor(pure=False, resources={self.book: 1})
        self.client.subscribe_topic(remote.REFUSED, lambda event: log(event[1]))
        info = self._info()
        log(f"{address}: {self._census(info)}")
        if "dashboard" in info["services"]:
            port = info["services"]["dashboard"]
            log(f"To watch them: http://127.0.0.1:{port}/status on the scheduler's machine")

    def processes(self):
        if time.monotonic() > self.counted[1] + 1:
            number = self._kinds(self._info())[self.book]
            self.counted = max(1, number), time.monotonic()
        return self.counted[0]

    def _info(self):
        try:
            return self.client.scheduler_info()
        except (OSError, ValueError, RuntimeError):  # whatever Dask was doing when it was cut off
            raise self._lost() from None

    def _lost(self):
        return HomeworkError(
            f"The scheduler at {self.address} is lost. What was graded is kept; once it runs "
            "again, the same command goes on from here."
        )

    def _kinds(self, info):
        """Count the workers of each version of the book."""
        return Counter(kind for each in info["workers"].values() for kind in each["resources"])

    def _census(self, info):
        kinds = self._kinds(info)
        fit = kinds.pop(self.book, 0)
        others = f"; left out, for their version of the book is another: {kinds.total()}"
        return f"{fit} workers of this version of the book{others * bool(kinds)}"

    def _submit(self, task, course, name, student):
        homework = [course.source(name), course.checks, course.homework / "nbgrader_config.py"]
        files = tuple((path.name, path.read_bytes()) for path in homework if path.exists())
        submission = machines.files(course.notebook(name, "submitted", student).parent)
        return self.pool.submit(self.work, self.book, files, name, submission)

    def _failed(self, future, *submission):
        if future.cancelled():
            raise self._lost()
        if isinstance(future.exception(), NoValidWorkerError | NoWorkerError):
            census = self._census(self._info())
            raise HomeworkError(
                f"Nobody to grade: {census}. Start one with `make worker`, from the same commit; "
                "the same command then goes on from here."
            )
        return super()._failed(future, *submission)

    def _enter(self, result, course, name, student):
        failed, notebook = result
        return failed or worker.enter(course, name, student, notebook)

    def _stop(self):
        self.client.close()
