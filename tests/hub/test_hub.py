"""Two students on a hub, from sign-up to feedback, in a browser; hub and marks in PostgreSQL."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg2
import pytest
import requests

from tests.homework import postgres
from tests.homework.forged import DOUBLE, HALF, WRONG
from tools.homework import grade as grading
from tools.homework.settings import ROOT, Course
from tools.hub import exchange
from tools.hub.person import Person
from tools.hub.place import TEACHER

HERE = Path(__file__).parent
#: Anna's account is there for a trial, Cleo signs up.
ANSWERS = {"anna": [DOUBLE, HALF], "cleo": [WRONG, HALF]}


@pytest.fixture(scope="module")
def databases():
    """Addresses of two empty databases: one for the hub, one for the gradebook."""
    with postgres.running() as course:
        connection = psycopg2.connect(course)
        connection.autocommit = True
        connection.cursor().execute("create database hub")
        connection.close()
        yield course.replace("/course?", "/hub?"), course


@pytest.fixture(scope="module")
def course(databases, tmp_path_factory):
    homework = HERE.parent / "homework" / "course"
    return Course(homework, tmp_path_factory.mktemp("build"), gradebook_url=databases[1])


class Hub:
    """What `make hub` starts, and starts again."""

    def __init__(self, here, folder):
        self.here, self.log = here, folder / "printed"
        self.start()
        self.passwords = json.loads(here.accounts.read_text()) | {"cleo": secrets.token_urlsafe(9)}

    def start(self):
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tools.hub", "start"],
                env=os.environ | self.here.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        for _ in range(1200):
            if f"The hub: {self.here.address}" in self.log.read_text():
                return
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def kill(self):
        """Kill the hub, not end it: it cannot take the students' servers with it."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        (hub,) = [each for each in children if "--config" in each.cmdline()]
        cullers = [each for each in hub.children() if "jupyterhub_idle_culler" in each.cmdline()]
        hub.kill()
        self.process.wait(60)
        gone, _ = psutil.wait_procs(cullers, timeout=30)
        assert len(gone) == len(cullers) == 1, "the next hub starts its own"

    def stop(self):
        self.process.terminate()
        self.process.wait(120)


@pytest.fixture(scope="module")
def hub(here, databases, tmp_path_factory):
    hub = Hub(replace(here, database=databases[0]), tmp_path_factory.mktemp("log"))
    try:
        yield hub
    finally:
        hub.stop()


class Student:
    """A student in a browser window of their own."""

    def __init__(self, browser, hub, name):
        self.page = browser.new_context().new_page()
        self.page.set_default_timeout(120_000)
        self.address, self.name, self.password = hub.here.address, name, hub.passwords[name]

    def sign_up(self):
        self.page.goto(f"{self.address}/hub/login")
        self.page.get_by_role("link", name="Sign up").click()
        self.page.fill("input[name=username]", self.name)
        self.page.fill("input[name=signup_password]", self.password)
        self.page.fill("input[name=signup_password_confirmation]", self.password)
        self.page.get_by_role("button", name="Create User").click()
        self.page.get_by_text("Your information has been sent to the admin").wait_for()

    def log_in(self):
        log_in(self.page, self.address, self.name, self.password)

    def wait_for_server(self):
        self.page.wait_for_url(f"**/user/{self.name}/lab**", wait_until="commit")

    def assignments(self):
        """Open the list from which homework is fetched and handed in, on a new page."""
        self.page.goto(f"{self.address}/user/{self.name}/lab?reset")
        self.page.locator(".jp-Launcher").wait_for()
        self.page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
        self.page.get_by_role("menuitem", name="Assignment List").click()

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def fetch(self):
        self.assignments()
        self.button("Fetch").click()
        self.button("Submit").wait_for()

    def write(self, answers):
        """Type the answers into the notebook's cells."""
        self.page.goto(f"{self.address}/user/{self.name}/lab/tree/tiny/tiny.ipynb")
        stubs = self.page.locator(".jp-CodeCell .cm-content", has_text="NotImplementedError")
        stubs.first.wait_for()
        for answer in answers:
            stubs.first.click()
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(answer)

    def validate(self):
        """Press the notebook's button, which saves it too, and return what it says."""
        self.page.get_by_role("button", name="Validate").first.click()
        dialog = self.page.get_by_role("dialog").filter(has_text="Validation Results")
        dialog.wait_for()
        text = dialog.inner_text()
        dialog.get_by_role("button").last.click()
        return text

    def submit(self):
        self.assignments()
        self.button("Submit").click()
        self.page.locator("#submitted_assignments_list").get_by_text("tiny").wait_for()

    def fetch_feedback(self):
        self.page.locator("#refresh_assignments_list").click()
        self.button("Fetch Feedback").click()
        self.page.get_by_text("(view feedback)").first.wait_for()


def log_in(page, address, name, password, then=""):
    page.goto(f"{address}/hub/login?next={then}")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()


def test_from_sign_up_to_feedback(hub, course, browser, workers):
    here = hub.here
    dict(exchange.hand_out(here, course, ["tiny"]))
    students = [Student(browser, hub, name) for name in ANSWERS]
    cleo = students[1]
    cleo.sign_up()
    cleo.log_in()
    cleo.page.get_by_text("has not been authorized").wait_for()
    teacher = browser.new_context().new_page()
    log_in(teacher, here.address, TEACHER, hub.passwords[TEACHER], then="/hub/authorize")
    teacher.locator("tr", has_text="cleo").get_by_role("button", name="Authorize").click()
    teacher.context.close()

    for student in students:
        student.log_in()
    for student in students:
        student.wait_for_server()
        student.fetch()
        student.write(ANSWERS[student.name])
    said = {student.name: student.validate() for student in students}
    assert "You did not provide a response" in said["anna"] and "Assertion" not in said["anna"]
    assert "double([1, 2]) must be" in said["cleo"]

    before = [one_process(name, "jupyterhub.singleuser") for name in ANSWERS]
    hub.kill()
    hub.start()
    for student in students:
        student.submit()
    assert [one_process(name, "jupyterhub.singleuser") for name in ANSWERS] == before

    assert exchange.collect(here, course, "tiny") == {}
    rows = grading.grade(course, "tiny", here.submitted, pool=workers, log=lambda line: None)
    assert {row["student"]: (row["double"], row["half"]) for row in rows} == {
        "anna": ("3", "4"),
        "cleo": ("0", "4"),
    }
    assert exchange.give_back(here, course, "tiny") == ["anna", "cleo"]
    for student in students:
        student.fetch_feedback()
    page = {
        name: next(here.student(name, "home").glob("tiny/feedback/*/tiny.html")).read_text("utf-8")
        for name in ANSWERS
    }
    assert "Score: 3.0 / 3.0" in page["anna"] and "Score: 0.0 / 3.0" in page["cleo"]
    assert "checks" not in page["cleo"]


def test_one_student_does_not_get_at_the_other_through_the_hub(hub):
    """By the addresses of this machine, with what a student's own server knows."""
    here = hub.here
    servers = {name: one_process(name, "jupyterhub.singleuser") for name in ANSWERS}
    token = servers["cleo"].environ()["JUPYTERHUB_API_TOKEN"]
    port = servers["anna"].environ()["JUPYTERHUB_SERVICE_URL"].split(":")[2].split("/")[0]
    hub_api = f"http://127.0.0.1:{here.port + 1}/hub/api"
    proxy_api = f"http://127.0.0.1:{here.port + 2}/api/routes"

    def ask(address, method="GET", **options):
        options.setdefault("headers", {"Authorization": f"token {token}"})
        answer = requests.request(method, address, timeout=20, allow_redirects=False, **options)
        return answer.status_code

    assert ask(f"{hub_api}/users/cleo") == 200
    assert ask(f"{hub_api}/users/anna") in (403, 404)
    assert ask(f"{hub_api}/users") == 403
    assert ask(f"{hub_api}/users/anna/tokens", "POST") in (403, 404)
    assert ask(f"{proxy_api}") == 403
    assert ask(f"{proxy_api}/user/anna", "POST", json={"target": "http://127.0.0.1:9"}) == 403
    for address in (f"{here.address}/user/anna", f"http://127.0.0.1:{port}/user/anna"):
        assert ask(f"{address}/api/contents") == 403
        assert ask(f"{address}/api/kernels", headers={}) == 403
    cleo = Person(here.address, "cleo", hub.passwords["cleo"])
    cleo.log_in()
    with pytest.raises(requests.HTTPError, match="403|404"):
        cleo._ask("GET", f"{here.address}/user/anna/lab")
    with pytest.raises(requests.HTTPError, match="403"):
        cleo._ask("GET", f"{here.address}/hub/authorize")
    # A kernel's port would tell everyone on this machine what it prints.
    kernel = one_process("anna", "ipykernel_launcher")
    file = kernel.cmdline()[-1]
    assert json.loads(Path(f"/proc/{kernel.pid}/root{file}").read_text())["transport"] == "ipc"


def one_process(student, part):
    """A student's process whose command has this part."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if part in process.cmdline() and process.environ().get("JUPYTERHUB_USER") == student:
                return process
    raise AssertionError(f"{student} has no {part}")
