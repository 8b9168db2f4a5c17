"""A class on a hub, all at once: sign in, fetch, solve, hand in; collected, graded, given back.

Each made-up student's answers are right, wrong or blank by a seed. In the middle the hub and its
proxy are killed. At the end every mark must be the one that the seed demands.
"""

import contextlib
import os
import random
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import requests

from tools.homework import grade as grading
from tools.homework import rehearse as proof
from tools.homework import sources
from tools.homework.settings import Course, HomeworkError
from tools.hub import exchange, server
from tools.hub.person import Person
from tools.hub.place import COURSE, Place

NAME = "definition"


def rehearse(count, seed, log=print):
    """Run the class; raise unless nothing was lost and every mark is right."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hub-rehearsal-") as folder:
        here = Place(folder=Path(folder, "hub"), port=int(os.environ.get("PORT") or 8400))
        course = Course(build=Path(folder, "grading"))
        plan = _plan(course, count, seed)
        hub = Hub(here, plan)
        try:
            people = _work(hub, course, plan, log)
            _grade(here, course, plan, log)
            _get_back(here, people, log)
        finally:
            server.stop(hub.process)
    log(f"All of it: {time.monotonic() - began:.0f} s")


def _plan(course, count, seed):
    """{student: (kind, {answer cell: text}, {exercise: points})}, the same for the same seed."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Course(homework=course.homework, build=Path(folder, "build"))
        expected = proof.write_class(scratch, NAME, Path(folder, "class"))
        notebooks = {
            student: nbformat.read(Path(folder, "class", student, f"{NAME}.ipynb"), 4)
            for student in expected
        }
    wrong = sorted(set(expected) - {"model", "blank"})
    draw = random.Random(seed)
    plan = {}
    for number in range(1, count + 1):
        kind = draw.choice(["model", "wrong", "blank"])
        chosen = draw.choice(wrong) if kind == "wrong" else kind
        cells = sources.cells(notebooks[chosen], solution=True)
        answers = {name: cell.source for name, cell in cells.items()}
        plan[f"student-{number:03}"] = (chosen, answers, expected[chosen])
    return plan


class Hub:
    """A running hub with its people, which can be killed and started again."""

    def __init__(self, here, plan):
        self.here = here
        self.passwords = server.prepare(here, students=list(plan))
        self.start()

    def start(self):
        self.process = server.start(self.here)
        server.wait(self.here, self.process)

    def kill(self):
        """The hub and its proxy, as by a power cut; the students' servers stay."""
        os.kill(int(self.here.proxy_pid.read_text()), 9)
        self.process.kill()
        self.process.wait()

    def person(self, name):
        return Person(self.here.address, name, self.passwords[name])


def _work(hub, course, plan, log):
    dict(exchange.hand_out(hub.here, course, [NAME]))
    people = {name: hub.person(name) for name in plan}
    with ThreadPoolExecutor(len(people) + 1) as pool:
        seconds = list(pool.map(_come_in, people.values()))
        log(
            f"{len(people)} students, all at once. Seconds until their server runs: "
            f"median {statistics.median(seconds):.0f}, "
            f"95th percentile {statistics.quantiles(seconds, n=20)[-1]:.0f}"
        )
        list(pool.map(lambda person: person.assignment("fetch", NAME, COURSE), people.values()))
        cut = pool.submit(_cut_and_mend, hub)
        began = time.monotonic()
        list(pool.map(lambda name: _solve(people[name], plan[name][1]), plan))
        log(f"All have solved it and handed in, within {time.monotonic() - began:.0f} s;")
        log(f"meanwhile hub and proxy were killed, and answered again after {cut.result():.0f} s")
    memory = _students_memory(hub.here)
    log(
        f"Memory: {_memory(psutil.Process(hub.process.pid)):.0f} MB the hub and its proxy, "
        f"{statistics.median(memory):.0f} MB a student with one kernel ({len(memory)} running)"
    )
    return people


def _come_in(person):
    person.log_in()
    return person.start_server(seconds=900)


def _cut_and_mend(hub):
    """Kill hub and proxy as the class hands in; return the seconds until both answer again."""
    time.sleep(2)
    hub.kill()
    began = time.monotonic()
    hub.start()
    return time.monotonic() - began


def _solve(person, answers):
    """Start a kernel, write the answers and hand in."""
    patiently(person.ask, "POST", "api/kernels", json={"name": "python3"})
    notebook = patiently(person.read, f"{NAME}/{NAME}.ipynb")
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = answers.get(name, cell["source"])
    patiently(person.write, f"{NAME}/{NAME}.ipynb", notebook)
    patiently(person.assignment, "submit", NAME, COURSE)


def patiently(action, *given, seconds=180, **options):
    """Do it as people do: again after a moment, if nobody answers."""
    limit = time.monotonic() + seconds
    while True:
        try:
            return action(*given, **options)
        except requests.RequestException:
            if time.monotonic() > limit:
                raise
            time.sleep(1)


def _memory(process):
    """Megabytes of a process and all that it started, what is shared counted once."""
    total = 0
    for each in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            total += each.memory_full_info().pss
    return total / 2**20


def _students_memory(here):
    """Megabytes of each student's server and kernel."""
    sandboxes = [
        process
        for process in psutil.process_iter()
        if process.name() == "timeout" and str(here.folder) in " ".join(process.cmdline())
    ]
    return [_memory(process) for process in sandboxes]


def _grade(here, course, plan, log):
    began = time.monotonic()
    problems = exchange.collect(here, course, NAME)
    log(f"Collected in {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    rows = grading.grade(course, NAME, here.submitted, log=lambda line: None)
    log(f"Graded in {time.monotonic() - began:.0f} s")
    found = {row["student"]: row for row in rows if row["status"] in ("graded", "needs-manual")}
    lost = sorted(set(plan) - set(found) | set(problems))
    wrong = [
        f"{student}: {exercise} has {found[student][exercise]}, not {points} ({kind})"
        for student, (kind, _, expected) in plan.items()
        for exercise, points in expected.items()
        if student in found and float(found[student][exercise] or 0) != points
    ]
    kinds = [kind if kind in ("model", "blank") else "wrong" for kind, _, _ in plan.values()]
    log(
        f"{kinds.count('model')} right, {kinds.count('wrong')} wrong, {kinds.count('blank')} "
        f"blank: {len(lost)} lost, {len(wrong)} marks wrong"
    )
    if lost or wrong:
        faults = "\n".join(f"  - {fault}" for fault in [f"lost: {lost}", *wrong])
        raise HomeworkError(f"The rehearsal failed:\n{faults}")
    exchange.give_back(here, course, NAME)


def _get_back(here, people, log):
    """All fetch their feedback at once."""
    with ThreadPoolExecutor(len(people)) as pool:
        list(
            pool.map(lambda each: each.assignment("fetch_feedback", NAME, COURSE), people.values())
        )
    pages = {
        name: list(here.student(name, "home").glob(f"{NAME}/feedback/*/{NAME}.html"))
        for name in people
    }
    without = [name for name, found in pages.items() if not found]
    log(f"{len(people) - len(without)} have their feedback")
    if without:
        raise HomeworkError(f"Without feedback: {without}")
