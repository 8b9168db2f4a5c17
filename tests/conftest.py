"""What the tests share: the built book, a server of it, a browser."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.__main__ import BOOK
from tools.book import chromium, serve

ROOT = Path(__file__).resolve().parents[1]


# Long tests that share nothing, one for each page: any core may take the next.
FREE = ("test_whole_chapter", "test_page_wide_and_light")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """The tests of a file stay in one process, with what its module made; but for the free ones.

    The marker ``xdist_group`` would say it test by test, but does nothing with pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file, _, test = nodeid.partition("::")
            return nodeid if test.startswith(FREE) else file

    return ByFile(config, log)


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
