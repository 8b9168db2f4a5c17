"""Where Chromium is, for the tests and the PDF: the machine's own, else Playwright's.

`tools/environment.py` installs Debian's package where it may. Elsewhere Playwright brings its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.environment import CHROMIUM

PLACES = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
]


def arguments() -> list[str]:
    """Arguments with which a browser makes no call of its own: each seen in a test is the page's.

    Its sandbox cannot start as root.
    """
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    calls = ["background-networking", "component-update", "gpu", "quic", "sync"]
    own = [f"--disable-{each}" for each in calls] + ["--no-first-run"]
    return own + (["--no-sandbox"] if root else [])


def playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def find() -> str:
    """Path of a Chromium, installed now if need be."""
    named = os.environ.get("CHROMIUM")
    found = [*filter(None, map(shutil.which, CHROMIUM)), *filter(os.path.exists, PLACES)]
    path = named or next(iter(found), None) or playwrights_own()
    if not path:
        print("Installing Playwright's Chromium", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])
        path = playwrights_own()
    if not path:
        raise SystemExit("No Chromium was found. Set CHROMIUM to the path of one, or of Chrome.")
    return path
