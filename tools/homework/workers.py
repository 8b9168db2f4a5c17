"""A few processes that grade at the same time, and survive each other's death."""

from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from tools.homework import worker

BROKEN = "the grading process itself was killed on it"


class Workers:
    """Started at the first task; to be used in a ``with``, for one course or several."""

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
        futures = {self._submit(task, course, name, student): student for student in students}
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except BrokenProcessPool:
                broken.append(futures[future])
            except Exception as error:  # one odd submission must not stop the others
                yield futures[future], f"{type(error).__name__}: {error}"
        # A worker was killed, and took the waiting tasks with it: each of them alone.
        for student in broken:
            self._stop()
            try:
                yield student, self._submit(task, course, name, student).result()
            except BrokenProcessPool:
                yield student, BROKEN

    def _submit(self, task, *arguments):
        if self.pool is None:
            self.pool = ProcessPoolExecutor(self.count, get_context("spawn"), worker.start)
        return self.pool.submit(task, *arguments)

    def _stop(self):
        if self.pool is not None:
            # After Ctrl-C: finish what runs, begin nothing new.
            self.pool.shutdown(cancel_futures=True)
            self.pool = None
