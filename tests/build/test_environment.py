"""`make` on a bare machine: an environment, or a message that says what to do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import environment

ROOT = Path(__file__).resolve().parents[2]
PROJECT = """\
[project]
name = "small"
version = "1"
[tool.setuptools]
py-modules = []
[dependency-groups]
book = ["idna"]
more = [{ include-group = "less" }]
less = ["toolz"]
"""


@pytest.fixture
def clone(tmp_path):
    """A repository with one small package to install, and the tool that makes its environment."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "environment.py", tmp_path / "tools")
    (tmp_path / "requirements.txt").write_text("idna==3.10\ntoolz==1.0.0\n")
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    return tmp_path


def run(clone, *arguments, **variables):
    command = [sys.executable, clone / "tools" / "environment.py", *arguments]
    variables = os.environ | variables
    return subprocess.run(command, capture_output=True, text=True, env=variables, cwd=clone)


def test_made_once_added_to_and_made_again_when_half_made(clone):
    program = "import idna, sys; print(idna.__version__, sys.prefix)"
    first = run(clone, "-c", program)
    assert first.returncode == 0, first.stdout + first.stderr
    assert f"3.10 {clone / '.venv'}" in first.stdout and "Making .venv" in first.stdout
    again = run(clone, "-c", program)
    assert again.stdout == f"3.10 {clone / '.venv'}\n"
    assert "No module named 'toolz'" in run(clone, "-c", "import toolz").stderr
    added = run(clone, "--for", "more", "-c", "import toolz; print(toolz.__version__)")
    assert "Adding to .venv the packages for: more" in added.stdout and "1.0.0" in added.stdout
    (clone / "requirements.txt").write_text("idna==3.9\ntoolz==0.12.1\n")
    changed = run(clone, "-c", "import idna, toolz; print(idna.__version__, toolz.__version__)")
    assert "Bringing .venv up to the pins" in changed.stdout and "3.9 0.12.1" in changed.stdout
    (clone / ".venv" / "rectified-stamp").unlink()  # as an interrupted installation leaves it
    assert "Making .venv" in run(clone).stdout


def test_no_network(clone):
    (clone / "pyproject.toml").write_text(PROJECT.replace("idna", "no-such-package-of-ours"))
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "0",
    }
    done = run(clone, **nowhere)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "could not be installed" in done.stderr and "needs a network" in done.stderr
    assert not (clone / ".venv" / "rectified-stamp").exists()


def test_no_python_that_is_new_enough(monkeypatch):
    monkeypatch.setattr(environment, "version", lambda python: (3, 10, 2))
    with pytest.raises(SystemExit, match="needs Python 3.11 or newer") as stopped:
        environment.find_python()
    assert "apt-get install python3" in str(stopped.value) and "PYTHON=" in str(stopped.value)


# --- programs: each one absent, as root, with sudo, and as somebody who may not install ----------

APT = """#!/bin/sh
echo "$@" >> {folder}/asked
case " $* " in *" install "*)
    for name in bwrap git chromium libatomic.so.1 python3.12-venv; do
        [ -e {folder}/$name ] || printf '#!/bin/sh\\nexit 0\\n' > {folder}/$name
        chmod +x {folder}/$name
    done
esac
"""
PYTHON = """#!/bin/sh
case "$*" in
    *"import sys"*) echo 3 12 1 ;;
    *"import venv"*) [ -e {folder}/python3.12-venv ] ;;
    "-m venv "*) echo "No space left on device"; exit 1 ;;
esac
"""
SUDO = {
    "sudo without a password": '#!/bin/sh\nshift\nexec "$@"\n',
    "sudo with a password": "#!/bin/sh\nexit 1\n",
}


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A PATH with nothing but a few stand-ins, and somebody on that machine."""

    def load(name):
        if not (tmp_path / name).exists():
            raise OSError(name)

    def make(absent, person, apt=True):
        stand_ins = {name: "#!/bin/sh\nexit 0\n" for name in PACKAGES if name not in absent}
        stand_ins["python3.12"] = PYTHON.format(folder=tmp_path)
        stand_ins["env"] = '#!/bin/sh\nshift\nexec "$@"\n'
        stand_ins["true"] = "#!/bin/sh\nexit 0\n"
        if apt:
            stand_ins["apt-get"] = APT.format(folder=tmp_path)
        if person in SUDO:
            stand_ins["sudo"] = SUDO[person]
        for name, text in stand_ins.items():
            (tmp_path / name).write_text(text)
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/no-such-folder")
        monkeypatch.delenv("CHROMIUM", raising=False)
        monkeypatch.setattr(environment.ctypes, "CDLL", load)
        monkeypatch.setattr(environment.sys, "platform", "linux")
        monkeypatch.setattr(environment.sys, "executable", str(tmp_path / "python3.12"))
        monkeypatch.setattr(environment, "PYTHON", tmp_path / ".venv" / "bin" / "python")
        monkeypatch.setattr(environment.os, "geteuid", lambda: 0 if person == "root" else 1000)
        # apt-get writes the stand-ins with programs of the shell alone, but for chmod.
        (tmp_path / "chmod").symlink_to("/bin/chmod")
        return tmp_path / "asked"

    return make


#: What is looked for, and the package that has it.
PACKAGES = {
    "bwrap": "bubblewrap",
    "git": "git",
    "chromium": "chromium",
    "libatomic.so.1": "libatomic1",
    "python3.12-venv": "python3.12-venv",
}


@pytest.mark.parametrize("absent", PACKAGES)
@pytest.mark.parametrize("person", ["root", "sudo without a password"])
def test_a_program_that_is_absent_is_installed(machine, capsys, absent, person):
    asked = machine([absent], person)
    environment.programs("test")
    assert asked.read_text().splitlines()[-1].endswith(f" {PACKAGES[absent]}")
    said = capsys.readouterr().out
    assert f"  {PACKAGES[absent]}: " in said and len(said.splitlines()) == 2
    environment.programs("test")
    assert not capsys.readouterr().out


def stopped(capsys):
    """What somebody reads who may not install: nothing before the message, one line to copy."""
    with pytest.raises(SystemExit) as stop:
        environment.main(["--for", "test", "-m", "pytest"])
    assert not capsys.readouterr().out
    (line,) = [line for line in str(stop.value).splitlines() if line.startswith("  ")]
    assert line.startswith("  sudo apt-get update && sudo apt-get install -y")
    return str(stop.value), line


@pytest.mark.parametrize("absent", PACKAGES)
@pytest.mark.parametrize("person", ["sudo with a password", "no sudo"])
def test_whoever_may_not_install_is_stopped_before_the_first_test(machine, capsys, absent, person):
    asked = machine([absent], person)
    said, line = stopped(capsys)
    assert f"needs {PACKAGES[absent]}, and it cannot be installed" in said
    assert line.endswith(f"-recommends {PACKAGES[absent]}")
    assert not asked.exists()
    if absent != "python3.12-venv":  # the book and the package's tests need none of the others
        environment.programs("fast")
        environment.programs("book")


def test_whoever_lacks_two_programs_is_stopped_once(machine, capsys):
    machine(["bwrap", "git"], "no sudo")
    said, line = stopped(capsys)
    assert "needs bubblewrap and git, and they cannot" in said and "do without them" in said
    assert line.endswith("-recommends bubblewrap git")


def test_whoever_lacks_programs_and_modules_is_stopped_once(machine, capsys):
    machine(["bwrap", "git", "python3.12-venv"], "no sudo")
    said, line = stopped(capsys)
    assert "needs bubblewrap, git and python3.12-venv, and they cannot" in said
    assert "`make book` and `make test-fast` need python3.12-venv alone." in said
    assert line.endswith("-recommends bubblewrap git python3.12-venv")


def test_an_environment_that_cannot_be_made(machine, monkeypatch, tmp_path):
    machine([], "root")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "LOG", tmp_path / "_build" / "install.log")
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    with pytest.raises(SystemExit, match="could not make a virtual environment.(?s:.*)No space"):
        environment.make_venv("python3.12")


def test_a_system_without_apt(machine):
    machine(["bwrap"], "root", apt=False)
    with pytest.raises(SystemExit, match="installer of packages. bubblewrap"):
        environment.programs("test")


def test_a_sandbox_that_may_not_be_made(machine):
    asked = machine(["git"], "root")
    (asked.parent / "bwrap").write_text("#!/bin/sh\necho 'bwrap: No permissions' >&2\nexit 1\n")
    with pytest.raises(SystemExit, match="No permissions") as stopped:
        environment.programs("test")
    assert "sudo sysctl -w" in str(stopped.value)


def test_make_lists_its_targets():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ["book", "serve", "test", "test-fast", "lint", "clean", "pdf", "binder", "bench"]:
        assert f"  make {target} " in done.stdout
    assert "exec make lint test" in (ROOT / ".ci" / "run").read_text()
