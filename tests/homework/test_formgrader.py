"""A mark given by hand, in nbgrader's page, in a real browser."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.homework.forged import Class
from tools.homework import grade as grading
from tools.homework import release
from tools.homework.settings import ROOT, Course

HERE = Path(__file__).parent
TOKEN = "a-token-of-the-test"


@pytest.fixture
def course(tmp_path):
    # Jupyter serves no hidden folder, hence no dot in the path.
    return Course(homework=HERE / "course", build=tmp_path / "build")


@pytest.fixture
def server(course, tmp_path):
    """The formgrader of the course; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = (
        "from pathlib import Path\nfrom tools.homework.settings import Course\n"
        "from tools.homework.formgrader import serve\n"
        f"serve(Course(Path({str(course.homework)!r}), Path({str(course.build)!r})), {port})\n"
    )
    environment = os.environ | {"JUPYTER_TOKEN": TOKEN, "PYTHONPATH": str(ROOT)}
    with open(tmp_path / "server.log", "w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", code], env=environment, stdout=log, stderr=log, cwd=ROOT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, tmp_path / "server.log")
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait(address, process, log):
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/api", timeout=5).close()
            return
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.2)
    raise AssertionError(log.read_text())


def test_a_mark_given_by_hand(course, tmp_path, workers, browser, request):
    def grade():
        (row,) = grading.grade(course, "tiny", submitted, pool=workers, log=lambda line: None)
        return row

    submitted = tmp_path / "submitted"
    release.release(course, ["tiny"])
    forged = Class(course.notebook("tiny", "release"), submitted, {})
    script = "<script>window.owned = 1</script> <img src=x onerror='window.owned = 2'> inverse"
    forged.add("anna", None, words=script)
    assert grade()["total"] == "7"

    server = request.getfixturevalue("server")
    with urllib.request.urlopen(f"{server}/formgrader/api/assignments", timeout=20) as answer:
        assert "/login" in answer.url, "no one gets in without the token"

    page = browser.new_page()
    page.goto(f"{server}/login?next=%2Fformgrader%2Fgradebook%2Ftiny%2Ftiny&token={TOKEN}")
    page.get_by_role("link", name="Submission #1").click()
    page.wait_for_url("**/formgrader/submissions/**")
    page.wait_for_load_state("networkidle")  # only then it hears what is typed
    assert page.evaluate("window.owned") is None
    assert "inverse" in page.content()
    score = page.locator("input.score[type=number]:not([disabled])").last
    with page.expect_response(
        lambda response: "/api/grade/" in response.url and response.request.method == "PUT"
    ):
        score.fill("2")
        score.press("Tab")
    page.close()

    row = grade()
    assert (row["status"], row["total"], row["words"]) == ("graded", "9", "2")
