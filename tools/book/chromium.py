"""Find a Chromium for the tests and the PDF, and install one if there is none.

python -m tools.book.chromium        prints where it is

One found on the machine comes first, then Debian's package (as root), then Playwright's own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"]
PLACES = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
]
# No call to the network of its own, so that a request seen in a test is the page's.
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


def arguments() -> list[str]:
    """Command-line arguments; the sandbox cannot start as root."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ARGUMENTS + (["--no-sandbox"] if root else [])


def on_machine() -> str | None:
    wanted = os.environ.get("CHROMIUM")
    if wanted:
        return wanted
    found = filter(None, map(shutil.which, NAMES))
    return next(found, None) or next((path for path in PLACES if Path(path).exists()), None)


def playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def find() -> str:
    """Path of a Chromium, installed now if need be."""
    path = on_machine() or playwrights_own()
    if path:
        return path
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Debian's Chromium", flush=True)
        subprocess.run(["apt-get", "update", "-qq"])
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"])
        path = on_machine()
    if not path:
        print("Installing Playwright's Chromium", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])
        path = playwrights_own()
    if not path:
        raise SystemExit(
            "No Chromium was found and none could be installed. Install one (Debian: `apt-get\n"
            "install chromium`), or set CHROMIUM to the path of a Chromium, Chrome or Edge."
        )
    return path


if __name__ == "__main__":
    print(find())
