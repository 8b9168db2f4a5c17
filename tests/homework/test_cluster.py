"""A scheduler and workers in folders of their own, each lost in turn; the marks stay the same."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import Client
from distributed.scheduler import KilledWorker

from tests.homework.forged import first_four
from tests.homework.test_life import FIRST, MARKS, kill_half_way
from tools.homework import cluster
from tools.homework import grade as grading
from tools.homework import machines as programs
from tools.homework.settings import ROOT, Course, HomeworkError
from tools.homework.workers import BROKEN, Mishap, Workers

HERE = Path(__file__).parent
IMPATIENT = {
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "20s",
    "DASK_DISTRIBUTED__SCHEDULER__NO_WORKERS_TIMEOUT": "30s",
}


class Machine:
    """One program of the cluster, in a folder with nothing but the book and the certificates."""

    def __init__(self, folder, command, **options):
        self.folder = folder
        if not folder.exists():
            for part in ("tools", "code/rectified"):
                skip = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / part, folder / part, ignore=skip)
        self.environment = os.environ | IMPATIENT | options | {"PYTHONPATH": "code:."}
        # Whatever becomes of the tests, it ends with them.
        self.command = [shutil.which("setpriv"), "--pdeathsig", "KILL"]
        self.command += [sys.executable, "-m", "tools.homework", command]

    def start(self):
        self.said = open(self.folder / "said.txt", "ab")
        # A group of its own: a machine is lost with all that runs on it.
        self.process = subprocess.Popen(
            self.command, cwd=self.folder, env=self.environment, stdout=self.said,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        return self

    def runs(self):
        return self.process.poll() is None

    def said_so_far(self):
        return (self.folder / "said.txt").read_text("utf-8")

    def signal(self, number):
        os.killpg(self.process.pid, number)

    def lose(self):
        self.signal(signal.SIGKILL)
        self.process.wait()
        self.said.close()


class Machines:
    def __init__(self, folder):
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.address = f"tls://127.0.0.1:{server.getsockname()[1]}"
        self.folder, self.all = folder, []
        self.certificates = folder / "certificates"
        programs.make_certificates(self.certificates)
        self.scheduler = self.start("scheduler", LISTEN=self.address)
        self.security = programs.security(self.address, self.certificates)

    def start(self, command, folder=None, **options):
        """Start a program in a folder of its own, or in that of a machine that was lost."""
        folder = folder or self.folder / f"machine-{len(self.all)}"
        self.all.append(
            Machine(folder, command, CERTIFICATES=str(self.certificates), **options).start()
        )
        return self.all[-1]

    def worker(self, **options):
        machine = self.start("worker", SCHEDULER=self.address, WORKERS="1", **options)
        self.wait()
        return machine

    def workers(self):
        return [each for each in self.all if "worker" in each.command and each.runs()]

    def wait(self):
        """Until all workers that run are known to the scheduler, and no others."""
        until = time.monotonic() + 120
        options = {"security": self.security, "timeout": 60, "set_as_default": False}
        with Client(self.address, **options) as client:
            while len(client.scheduler_info()["workers"]) != len(self.workers()):
                assert time.monotonic() < until, self.all[-1].said_so_far()
                time.sleep(0.2)


@pytest.fixture(scope="module")
def machines(workers, tmp_path_factory):
    """A scheduler and three workers, which speak in TLS as if they were far apart."""
    machines = Machines(tmp_path_factory.mktemp("machines"))
    try:
        for _ in range(3):
            machines.start("worker", SCHEDULER=machines.address, WORKERS="1")
        machines.wait()
        yield machines
    finally:
        for machine in machines.all:
            if machine.runs():
                machine.lose()


@pytest.fixture(scope="module")
def submitted(tmp_path_factory):
    course = Course(homework=HERE / "course", build=tmp_path_factory.mktemp("build"))
    return first_four(course, tmp_path_factory.mktemp("submitted"))


@pytest.fixture(scope="module")
def course(machines, tmp_path_factory):
    return Course(
        homework=HERE / "course",
        build=tmp_path_factory.mktemp("build"),
        cluster=machines.address,
        certificates=machines.certificates,
    )


@pytest.fixture
def anew(course, tmp_path):
    """The same course, in which nothing was graded yet."""
    return replace(course, build=tmp_path / "build")


def grade(course, submitted, log=print, **options):
    rows = grading.grade(course, "tiny", submitted, feedback=False, log=log, **options)
    return {row["student"]: tuple(row[key] for key in MARKS) for row in rows}


def when_first(do, said=None):
    """A log that does something as soon as the first of four students is graded."""

    def log(line):
        print(line)
        said is None or said.append(line)
        line.startswith("[1/4]") and do()

    return log


def test_one_worker_lost_and_one_stands_still(machines, course, submitted):
    """The marks are those that test_life.py finds on one machine, with SQLite."""
    _, lost, still, good = machines.all
    said = []

    def go():
        lost.lose()
        still.signal(signal.SIGSTOP)  # alive, but it says nothing any more

    try:
        assert grade(course, submitted, when_first(go, said)) == FIRST, said
    finally:
        still.lose()
    assert said[0] == f"{machines.address}: 3 workers of this version of the book"
    assert said[1].startswith("To watch them: http://127.0.0.1:")
    assert "1 failed, 0 s left" in said[-2]
    assert "anna" not in "".join(map(str, good.folder.rglob("*")))


def test_the_head_killed_half_way_and_repeated(anew, submitted, tmp_path):
    kill_half_way(anew, submitted, tmp_path)
    said = []
    assert grade(anew, submitted, said.append) == FIRST, said
    assert 1 <= sum(line.startswith("[") for line in said) <= 3


def test_the_scheduler_lost_half_way_and_repeated(machines, anew, submitted):
    with pytest.raises(HomeworkError, match="scheduler at .* is lost.* goes on from here"):
        grade(anew, submitted, when_first(machines.scheduler.lose))
    for worker in machines.workers():
        assert worker.process.wait(60) == 0  # each ends with its scheduler
    machines.scheduler.start()
    machines.worker()
    said = []
    assert grade(anew, submitted, said.append) == FIRST, said
    assert 1 <= sum(line.startswith("[") for line in said) <= 3


def test_a_worker_whose_book_changes_is_left_out(machines, course, submitted):
    """In the middle it leaves and sends its work away; started again, it gets none."""
    (last,) = machines.workers()
    changed = machines.worker()
    module = changed.folder / "code/rectified/activations.py"
    module.write_text(module.read_text() + "# half of an update\n")
    said = []
    assert grade(course, submitted, said.append, force=True) == FIRST, said
    assert any("refuses to grade: its copy of the book was changed" in line for line in said)
    changed.process.wait(60)
    # Now another version is there, and then nothing else; before the second run comes a good one.
    machines.worker(folder=changed.folder)
    census = "workers of this version .*, for their version of the book is another: 1"
    with pytest.raises(HomeworkError, match=f"Nobody to grade: 0 {census}.* `make worker`"):
        grade(course, submitted, when_first(last.lose), force=True)
    machines.worker()
    assert grade(course, submitted, said.append, force=True) == FIRST, said
    assert any(re.search(f": 1 {census}", line) for line in said)


def test_without_bubblewrap_no_worker_starts(machines, tmp_path):
    worker = machines.start("worker", SCHEDULER=machines.address, PATH=str(tmp_path))
    assert worker.process.wait(60) == 1
    assert "bwrap is not installed" in worker.said_so_far()


def test_a_stranger_is_not_let_in(machines, course, submitted, tmp_path):
    programs.make_certificates(tmp_path / "own")
    with pytest.raises(HomeworkError, match="No scheduler answers"):
        grade(replace(course, certificates=tmp_path / "own"), submitted)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tcp://10.0.0.1:8786", "say tls://HOST:8786"),
        ("tcp://teacher.example:8786", "say tls://HOST:8786"),
        ("localhost:8786", "say tls://HOST:8786"),
        ("tls://10.0.0.1:8786", "make certificates"),
    ],
)
def test_nothing_leaves_the_machine_in_the_open(tmp_path, address, said):
    with pytest.raises(HomeworkError, match=said):
        programs.security(address, tmp_path)


def test_certificates_are_for_their_owner(tmp_path):
    programs.make_certificates(tmp_path)
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}
    with pytest.raises(HomeworkError, match="is there already"):
        programs.make_certificates(tmp_path)


def test_without_the_sandbox_there_is_no_cluster(tmp_path):
    course = Course(homework=HERE / "course", cluster="tcp://127.0.0.1:1", sandbox=False)
    with pytest.raises(HomeworkError, match="SANDBOX=off is for this machine"):
        grading.grade(course, "tiny", tmp_path)


def killed(course, name, student):
    if student == "poison":
        os.kill(os.getpid(), signal.SIGKILL)
    return ""


def test_who_kills_a_worker_is_named_and_tried_again_next_time():
    """Dask says KilledWorker where a pool of processes says that it is broken."""
    with Workers(1) as workers:
        said = dict(workers.run(killed, None, "tiny", ["anna", "poison", "bert"]))
    assert said == {"anna": "", "poison": BROKEN, "bert": ""}
    future = Future()
    future.set_exception(KilledWorker("task", "worker", 3))
    assert object.__new__(cluster.Cluster)._failed(future, None, "tiny", "anna") == BROKEN
    assert isinstance(BROKEN, Mishap)


def test_a_large_class_does_not_wait_in_memory():
    waiting, most = set(), []

    def task(course, name, student):
        most.append(len(waiting))
        waiting.discard(student)

    class Watched(Workers):
        def _submit(self, task, course, name, student):
            waiting.add(student)
            return super()._submit(task, course, name, student)

    workers = Watched(3)
    with ThreadPoolExecutor(3) as workers.pool:
        assert len(list(workers.run(task, None, "tiny", range(500)))) == 500
    assert max(most) <= 6
