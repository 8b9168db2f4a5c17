"""Start the hub, and wait until it answers."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request

import psutil

from tools.homework import sandbox
from tools.homework.settings import ROOT, HomeworkError, require_free
from tools.hub import place, proxy

CONFIG = ROOT / "tools" / "hub" / "jupyterhub_config.py"
TRIAL = ["anna", "ben"]


def prepare(here, students=TRIAL):
    """Make the folders and the accounts of a new hub; return {name: password}."""
    sandbox.require()
    proxy.command()
    here.outbound.mkdir(parents=True, exist_ok=True)
    here.folder.chmod(0o700)
    if not here.accounts.exists():
        accounts = {name: secrets.token_urlsafe(9) for name in [place.TEACHER, *students]}
        here.accounts.touch(mode=0o600)
        here.accounts.write_text(json.dumps(accounts, indent=1))
    # A proxy that outlived its hub is known to the next one, which ends it.
    for port in [here.port + 1] if _left_over(here) else range(here.port, here.port + 3):
        require_free(port, "the hub needs three in a row: make hub PORT=8100")
    return json.loads(here.accounts.read_text())


def _left_over(here):
    """Whether the proxy of a killed hub still runs; a number that is no proxy's is forgotten."""
    try:
        process = psutil.Process(int(here.proxy_pid.read_text()))
        if any(part.endswith("configurable-http-proxy") for part in process.cmdline()):
            return True
    except (OSError, ValueError, psutil.Error):
        pass
    here.proxy_pid.unlink(missing_ok=True)
    return False


def start(here):
    """Start a hub, which writes to hub.log; return its process."""
    path = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "code")])}
    with open(here.log, "a", encoding="utf-8") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "--config", str(CONFIG), "--log-level=WARN"],
            cwd=here.folder,
            env=os.environ | here.environment | path,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def wait(here, process, seconds=120):
    """Wait until the hub answers through its proxy."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if process.poll() is not None:
            last = "\n".join(here.log.read_text("utf-8").splitlines()[-15:])
            raise HomeworkError(f"The hub ended as it started. {here.log} ends with:\n{last}")
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"{here.address}/hub/health", timeout=5):
                return
        time.sleep(0.2)
    raise HomeworkError(f"The hub did not answer within {seconds} seconds.")


def stop(process):
    """End a hub and its students' servers."""
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
