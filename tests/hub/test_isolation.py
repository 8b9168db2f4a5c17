"""What a student can reach from a terminal on the hub, tried point by point."""

import json
import os
import subprocess
import sys
import time

import nbformat
import pytest

from tools.homework.settings import ROOT
from tools.hub import exchange, limits, sandbox
from tools.hub.place import COURSE

#: Run as Ben: prints {question: answer}.
LOOK = """
import json, os, pathlib, subprocess, sys
paths = json.loads(sys.argv[1])
answers = {}

def read(path):
    if os.path.isdir(path):
        return bool(os.listdir(path))
    with open(path, "rb") as file:
        return bool(file.read(1))

def tried(action, *given):
    try:
        return action(*given)
    except OSError as error:
        return type(error).__name__

answers["read"] = {name: tried(read, path) for name, path in paths["secret"].items()}
write = lambda path: bool(pathlib.Path(path, "new").write_text("x"))
answers["write"] = {name: tried(write, path) for name, path in paths["write"].items()}
kill = lambda number: os.kill(number, 0)
answers["signal"] = tried(kill, paths["pid"])
seen = set()
for base, folders, files in os.walk("/"):
    folders[:] = [f for f in folders if os.path.join(base, f) not in paths["public"]]
    seen.update(name for name in [*folders, *files] if name in paths["names"])
answers["seen"] = sorted(seen)
answers["environment"] = "SECRET_OF_THE_HUB" in subprocess.run(
    "cat /proc/*/environ", shell=True, capture_output=True, text=True).stdout
import importlib, rectified, nbgrader
def imported(name):
    try:
        return bool(importlib.import_module(name))
    except ImportError:
        return False
answers["debugger"] = imported("debugpy.server")
answers["course"] = rectified.relu(-1.0).item() == 0
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def anna_and_ben(here):
    for student in ("anna", "ben"):
        here.make(student)
    (here.student("anna", "home") / "work.ipynb").write_text("{}")
    for folder in (here.student_exchange("anna") / COURSE).iterdir():
        (folder / "annas.txt").write_text("x")
    (here.outbound / "released.txt").write_text("x")
    (here.submitted / "anna").mkdir(parents=True)
    (here.submitted / "anna" / "collected.ipynb").write_text("{}")
    for name in ("hub.sqlite", "accounts.json", "cookie_secret", "gradebook.db"):
        (here.folder / name).write_text("x")
    return here


def run_as(here, student, *program, **options):
    command = sandbox.command(here, student, [str(part) for part in program])
    environment = sandbox.environment(student)
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, **options
    )


@pytest.fixture(scope="module")
def looked(anna_and_ben):
    here = anna_and_ben
    secret = {
        "another's work": here.student("anna", "home"),
        "another's home by its name inside": sandbox.home("anna"),
        "another's inbound folder": here.student_exchange("anna") / COURSE / "inbound",
        "another's feedback": here.student_exchange("anna") / COURSE / "feedback",
        "what was collected": here.submitted,
        "the hub's database": here.folder / "hub.sqlite",
        "the hub's accounts": here.accounts,
        "the hub's cookie secret": here.folder / "cookie_secret",
        "the gradebook": here.folder / "gradebook.db",
        "the sources": ROOT / "homework" / "definition.md",
        "the hidden tests": ROOT / "homework" / "checks.py",
        "the course's own gradebook": ROOT / "grading",
        "the repository's history": ROOT / ".git",
        "the machine's passwords": "/etc/shadow",
    }
    write = {
        "what was handed out": f"/exchange/{COURSE}/outbound",
        "feedback": f"/exchange/{COURSE}/feedback",
        "the course's package": ROOT / "code" / "rectified",
        "Python's packages": sys.prefix,
        "the settings": "/etc/jupyter",
        "own inbound": f"/exchange/{COURSE}/inbound",
        "own home": sandbox.home("ben"),
    }
    paths = {
        "secret": {name: str(path) for name, path in secret.items()},
        "write": {name: str(path) for name, path in write.items()},
        "pid": os.getpid(),
        "public": ["/proc", "/usr", "/dev", sys.prefix, sys.base_prefix],
        "names": ["anna", "annas.txt", "work.ipynb", "collected.ipynb", "definition.md"]
        + ["hub.sqlite", "accounts.json", "cookie_secret", "gradebook.db", "checks.py"],
    }
    os.environ["SECRET_OF_THE_HUB"] = "x"
    try:
        done = run_as(here, "ben", sys.executable, "-c", LOOK, json.dumps(paths))
    finally:
        del os.environ["SECRET_OF_THE_HUB"]
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_nothing_of_others_is_read(looked):
    assert set(looked["read"].values()) == {"FileNotFoundError"}, looked["read"]
    assert looked["seen"] == []
    assert not looked["environment"]


def test_only_the_own_folders_are_written(looked):
    own = {name: looked["write"].pop(name) for name in ("own inbound", "own home")}
    assert set(own.values()) == {True}
    assert set(looked["write"].values()) == {"OSError"}, looked["write"]


def test_no_other_process_is_seen_and_the_course_is_there(looked):
    assert looked["signal"] == "ProcessLookupError"
    assert looked["course"]
    assert not looked["debugger"], "it would listen on a port, to anyone's commands"


def test_what_a_student_hands_in_is_copied_and_never_followed(here, anna_and_ben, tmp_path):
    """A link to the gradebook, a pipe, a huge file, another's name: each in an inbound folder."""
    inbound = here.student_exchange("ben") / COURSE / "inbound"
    time_of = "2030-01-01 00:00:00.000000 UTC"

    def hand_in(student="ben", name="tiny", end="abcd"):
        folder = inbound / f"{student}+{name}+{time_of}+{end}"
        folder.mkdir()
        (folder / f"{name}.ipynb").write_text(nbformat.writes(nbformat.v4.new_notebook()))
        return folder

    def taken():
        target = tmp_path / f"taken-{time.monotonic_ns()}" / "inbound"
        target.mkdir(parents=True)
        exchange._take(inbound, "ben", "tiny", target)
        return list(target.iterdir())

    assert not taken()
    hand_in(student="anna")
    assert not taken(), "in another's name"
    folder = hand_in()
    (folder / "gradebook.db").symlink_to(here.folder / "gradebook.db")
    (folder / "source").symlink_to(ROOT / "homework")
    os.mkfifo(folder / "pipe")
    (folder / "notes.txt").write_text("mine")
    (copy,) = taken()
    assert {path.name for path in copy.iterdir()} == {"notes.txt", "timestamp.txt", "tiny.ipynb"}
    written = (copy / "timestamp.txt").read_text()
    assert not written.startswith("2030"), "the time is the kernel's, not the student's"
    assert copy.name == f"ben+tiny+{written}+hub"
    with open(folder / "film.mp4", "wb") as file:
        file.truncate(exchange.LARGEST)
    with pytest.raises(ValueError, match="larger than 50 MB"):
        taken()
    newest = inbound / f"ben+tiny+{time_of}+zzzz"
    newest.symlink_to(here.student("anna", "home"))
    with pytest.raises(ValueError, match="holds no file of its own"):
        taken()


def test_memory_and_processors_are_a_share(here, anna_and_ben):
    """Of all of a student's processes together, where control groups may be made."""
    if not limits.available():
        pytest.skip("not run here: control groups may not be made, which needs root")
    share = limits.Limits(f"test-{os.getpid()}", 300 * 2**20, 0.5)
    share.set()
    try:
        many = "import subprocess, sys\nhold = 'x = bytearray(90 * 2**20); input()'\n"
        many += "each = [subprocess.Popen([sys.executable, '-c', hold], stdin=-1) for _ in '12345']"
        many += "\nimport time; time.sleep(2)\nprint(sum(p.poll() is not None for p in each))"
        many += "\nfor p in each: p.kill()"
        done = run_as(here, "ben", sys.executable, "-c", many, preexec_fn=share.enter)
        assert int(done.stdout or 9) >= 1, "five of 90 MB do not fit into 300"
        busy = "import time\nfor f in (time.perf_counter, time.process_time): print(f())\n"
        busy += "end = time.perf_counter() + 2\nwhile time.perf_counter() < end: pass\n"
        busy += "for f in (time.perf_counter, time.process_time): print(f())"
        done = run_as(here, "ben", sys.executable, "-c", busy, preexec_fn=share.enter)
        wall, used, wall_after, used_after = map(float, done.stdout.split())
        assert (used_after - used) / (wall_after - wall) < 0.7
    finally:
        groups = [share._path(kind).parent for kind in share.values]
        for _ in range(50):  # until the last of the killed is gone
            share.remove()
            if not any(group.exists() for group in groups):
                break
            time.sleep(0.1)
    assert not any(group.exists() for group in groups)
