"""A few processes that grade at the same time, and survive each other's death."""

from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context

from tools.homework import worker


class Mishap(str):
    """Why a submission failed, where that says nothing about the submission."""


BROKEN = Mishap("the grading process itself was killed on it")


class Workers:
    """Started at the first task; to be used in a ``with``, for one course or several."""

    died = BrokenProcessPool  # how a task ends whose process was killed

    def __init__(self, count):
        self.count = count
        self.pool = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._stop()

    def run(self, task, course, name, students):
        """Yield (student, reason of failure) as the tasks end."""
        broken = []
        for student, failed in self._run(task, course, name, students):
            if failed == BROKEN:
                broken.append(student)
            else:
                yield student, failed
        # A process was killed, and took what waited for it along: each of them alone.
        for student in broken:
            yield from self._run(task, course, name, [student])

    def _run(self, task, course, name, students):
        """However many there are, only as many as keep the processes busy are held in memory."""
        waiting, running = iter(students), {}
        while True:
            for student in islice(waiting, max(0, 2 * self.processes() - len(running))):
                running[self._submit(task, course, name, student)] = student
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                student = running.pop(future)
                yield student, self._failed(future, course, name, student)

    def _failed(self, future, course, name, student):
        try:
            return self._enter(future.result(), course, name, student)
        except self.died:
            return BROKEN
        except Exception as error:  # one odd submission must not stop the others
            return Mishap(f"{type(error).__name__}: {error}")

    def processes(self):
        return self.count

    def _submit(self, task, *arguments):
        if self.pool is None:
            self.pool = ProcessPoolExecutor(self.count, get_context("spawn"), worker.start)
        try:
            return self.pool.submit(task, *arguments)
        except BrokenProcessPool:  # by an earlier task: begin anew
            self._stop()
            return self._submit(task, *arguments)

    def _enter(self, result, course, name, student):
        """The process has entered the marks itself: its result is the reason of failure."""
        return result

    def _stop(self):
        if self.pool is not None:
            # After Ctrl-C: finish what runs, begin nothing new.
            self.pool.shutdown(cancel_futures=True)
            self.pool = None
