"""What a cluster brings: the second half of `make bench PART=homework`.

A scheduler and one, two and four workers on this machine grade the class of 40, and a plan for
3,000 students is computed from it. Then 10,000 submissions that take 0.01 s each show what the
process can feed that sends them out, and that its memory does not grow with the class.
"""

import contextlib
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import distributed
import psutil

from tools.homework import grade, worker
from tools.homework.cluster import Cluster
from tools.homework.settings import ROOT

ADDRESS = "tcp://127.0.0.1:18786"
STUDENTS, HOMEWORKS, CORES = 3_000, 7, 2
MANY, EACH, SIZE = 10_000, 0.01, 60_000  # submissions, seconds and bytes of each


def measure(course, name, submitted):
    """Grade the class with one, two and four workers; return the marks, equal for all."""
    count, rates, marks = len(list(submitted.iterdir())), [], set()
    with _program("scheduler", LISTEN=ADDRESS):
        for workers in (1, 2, 4):
            build = course.build.with_name(f"cluster-{workers}")
            there = replace(course, build=build, cluster=ADDRESS)
            with _workers(workers):
                _grade(there, name, _some(submitted, 2 * workers))  # each has the homework now
                rate, here, rows = _timed(there, name, submitted)
            marks.add(tuple((row["student"], row["total"]) for row in rows))
            rates.append(rate)
            print(
                f"{count} submissions, a cluster of {workers} on {os.cpu_count()} cores: "
                f"{rate:.0f} a minute, efficiency {rate / rates[0] / workers:.0%}",
                flush=True,
            )
        _simulate(course, name, submitted)
    _plan(max(rates), here, *_costs(course, name))
    return marks


def _grade(course, name, submitted, **options):
    options = {"feedback": False, "force": True, "log": lambda line: None} | options
    return grade.grade(course, name, submitted, **options)


def _timed(course, name, submitted):
    """Grade a class; return submissions a minute, processor time of each here, and the marks."""
    ends, start = [], time.process_time()

    def log(line):
        if line.startswith("[") or "of this version" in line:
            ends.append(time.monotonic())

    rows = _grade(course, name, submitted, log=log)
    count = len(ends) - 1
    here = (time.process_time() - start) / count
    return 60 * count / (ends[-1] - ends[0]), here, rows


def _some(submitted, count):
    """A class of the first few."""
    target = submitted.with_name(f"first-{count}")
    for student in sorted(submitted.iterdir())[:count]:
        shutil.copytree(student, target / student.name, dirs_exist_ok=True)
    return target


def _costs(course, name):
    """Processor time of a submission on a worker, and of a page of feedback.

    The kernel runs outside of the sandbox here, for what it computes inside is counted nowhere.
    """
    there = replace(course, build=course.build.with_name("cluster-1"), sandbox=False)
    page = _processor(worker.feedback, there, name)  # first: the other leaves no marks
    return _processor(worker.run, there, name), page


def _processor(task, course, name):
    """Seconds that this process and its children compute at a task, for each of ten students."""
    students = sorted(path.name for path in course.folder(name, "submitted").iterdir())[:10]
    task(course, name, students[0])
    before = sum(os.times()[:4])
    for student in students:
        task(course, name, student)
    return (sum(os.times()[:4]) - before) / len(students)


def _plan(rate, here, there, page):
    """Print what a large course costs, from what a machine grades a minute, and seconds each."""
    print(
        f"processor time: {there:.2f} s a submission on a worker, {here:.2f} s to send it and to "
        f"enter its marks, {page:.2f} s a page of feedback"
    )
    hours = STUDENTS * HOMEWORKS * (there + here + page) / 3600
    print(
        f"\n{STUDENTS:,} students, {HOMEWORKS} homeworks: {hours:.0f} "
        f"processor hours; this machine enters {60 / here:.0f} marks and writes "
        f"{60 * CORES / page:.0f} pages a minute\n"
        "machines like this   minutes a homework   hours in all"
    )
    most = math.ceil(60 / rate / here)
    for count in sorted({1, 2, 4, most}):
        seconds = STUDENTS * (max(60 / rate / count, here) + page / CORES)
        print(f"{count:18}{seconds / 60:21.0f}{seconds * HOMEWORKS / 3600:15.1f}")
    print(f"From {most} machines on, it is entering the marks that takes the time.")


def pretend(book, homework, name, submission):
    time.sleep(EACH)
    return "", "x" * SIZE


class _Simulated(Cluster):
    """Everything but the grading, and the entering of its marks."""

    work = staticmethod(pretend)

    def _enter(self, result, *submission):
        return result[0]


def _simulate(course, name, submitted):
    here, memory = psutil.Process(), {}
    there = replace(course, build=course.build.with_name("many"))
    there.folder(name, "submitted").mkdir(parents=True)
    student = sorted(submitted.iterdir())[0]
    names = [f"student-{number:05}" for number in range(MANY)]
    for each in names:
        there.folder(name, "submitted", each).symlink_to(student)
    with _workers(2), _Simulated(ADDRESS, course.certificates, lambda line: None) as workers:
        start = time.perf_counter()
        for done, _ in enumerate(workers.run(None, there, name, names), 1):
            if done in (MANY // 10, MANY):
                memory[done] = here.memory_info().rss / 2**20
        seconds = time.perf_counter() - start
    shown = ", ".join(f"{size:.0f} MB after {done:,}" for done, size in memory.items())
    print(f"{MANY:,} submissions of {EACH} s, two workers: {MANY / seconds:.0f} a second; {shown}")


@contextlib.contextmanager
def _workers(count):
    with _program("worker", SCHEDULER=ADDRESS, WORKERS=str(count)) as process:
        with distributed.Client(ADDRESS, set_as_default=False, timeout=60) as client:
            client.wait_for_workers(count, timeout=120)
            yield process
    with distributed.Client(ADDRESS, set_as_default=False, timeout=60) as client:
        while client.scheduler_info()["workers"]:
            time.sleep(0.2)


@contextlib.contextmanager
def _program(command, **options):
    """Run a command of tools.homework beside us."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.homework", command],
        cwd=ROOT,
        env=os.environ | options,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
