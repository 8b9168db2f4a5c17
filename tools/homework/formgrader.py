"""Serve nbgrader's formgrader, on this machine only and with a token."""

import os
import secrets
import sys

from tools.homework.settings import ROOT, require_free

CONFIG = """\
# Written by `make formgrader`: nbgrader reads its settings from the folder it is started in.
from pathlib import Path
from tools.homework.settings import Course, config
c = get_config()
c.merge(config(Course(Path({homework!r}), Path({build!r}), {gradebook_url!r})))
"""


def serve(course, port):
    """Replace this process by a Jupyter server with the formgrader."""
    course.build.mkdir(parents=True, exist_ok=True)
    require_free(port, "give another: make formgrader PORT=8889")
    settings = CONFIG.format(
        homework=str(course.homework), build=str(course.build), gradebook_url=course.gradebook_url
    )
    path = course.build / "nbgrader_config.py"
    path.touch(mode=0o600)  # GRADEBOOK_URL may hold a password
    path.write_text(settings, "utf-8")
    token = os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(16)
    # By way of /login: a cookie that the formgrader's own pages set is good for one page only.
    page = f"http://127.0.0.1:{port}/login?next=%2Fformgrader%2Fgradebook&token={token}"
    print(f"The formgrader: {page}\nCtrl-C ends it.", flush=True)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "JUPYTER_TOKEN": token}
    os.chdir(course.build)
    os.execve(sys.executable, [sys.executable, *_arguments(port)], environment)


def _arguments(port):
    extensions = "{'nbgrader.server_extensions.formgrader': True}"
    return [
        *["-m", "jupyter_server", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"],
        *["--ServerApp.port_retries=0", "--ServerApp.open_browser=False", "--log-level=ERROR"],
        f"--ServerApp.jpserver_extensions={extensions}",
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]
