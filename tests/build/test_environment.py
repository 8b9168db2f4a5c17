"""`make` on a bare machine: an environment, or a message that says what to do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tools import environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path):
    """A repository with one small package to install, and the tool that makes its environment."""
    (tmp_path / "tools").mkdir()
    for name in ["environment.py", "lock.py"]:
        shutil.copy(ROOT / "tools" / name, tmp_path / "tools")
    (tmp_path / "requirements.txt").write_text("idna==3.10\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "small"\nversion = "1"\n')
    return tmp_path


def run(clone, *arguments, **variables):
    command = [sys.executable, clone / "tools" / "environment.py", *arguments]
    variables = os.environ | variables
    return subprocess.run(command, capture_output=True, text=True, env=variables, cwd=clone)


def test_made_once_and_made_again_when_half_made(clone):
    program = "import idna, sys; print(idna.__version__, sys.prefix)"
    first = run(clone, "-c", program)
    assert first.returncode == 0, first.stdout + first.stderr
    assert f"3.10 {clone / '.venv'}" in first.stdout and "Making .venv" in first.stdout
    again = run(clone, "-c", program)
    assert again.stdout == f"3.10 {clone / '.venv'}\n"
    (clone / ".venv" / "rectified-stamp").unlink()  # as an interrupted installation leaves it
    assert "Making .venv" in run(clone).stdout
    (clone / "requirements.txt").write_text("idna==3.9\n")
    assert "Bringing .venv up to the pins" in (changed := run(clone, "-c", program)).stdout
    assert "3.9 " in changed.stdout


def test_no_network(clone):
    (clone / "requirements.txt").write_text("no-such-package-of-ours==1\n")
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


def test_make_lists_its_targets():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ["book", "serve", "test", "test-fast", "lint", "clean", "pdf", "binder", "bench"]:
        assert f"  make {target} " in done.stdout
