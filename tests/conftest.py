"""What the tests share: the built book, a server of it, a browser."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.__main__ import BOOK
from tools.book import chromium, serve

ROOT = Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items):
    """Where tests run in several processes, those that share what a module made stay in one."""
    for item in items:
        found = getattr(item, "_fixtureinfo", None)
        fixtures = found.name2fixturedefs.values() if found else []
        if any(each[-1].scope == "module" for each in fixtures):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session")
def book(pytestconfig):
    """Folder of the built book; one build serves every test, and a second one is free."""
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print("\nBuilding the book, with what runs in the browser", flush=True)
        for module in BOOK:
            if subprocess.run([sys.executable, "-m", module], cwd=ROOT).returncode:
                pytest.exit("The book does not build: its messages are above.", returncode=1)
    return ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def site(book):
    """Address of the book on a server that compresses, for instance http://127.0.0.1:40123/"""
    with serve.running(book) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """Playwright's handle on a headless Chromium."""
    from playwright.sync_api import sync_playwright

    path = chromium.find()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=chromium.arguments())
        yield running
        running.close()
