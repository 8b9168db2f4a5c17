"""`make pdf`: the whole book in one file, its links inside it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tools.book import pdf

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def together(book):
    return BeautifulSoup(pdf.one_page(), "html.parser")


def test_every_page_is_there_once_and_every_link_inside_has_its_target(together):
    articles = [each["id"] for each in together.find_all("article")]
    assert articles == [pdf.anchor(name) for name in pdf.pages()]
    ids = [each["id"] for each in together.find_all(id=True)]
    assert len(ids) == len(set(ids))
    links = [each["href"] for each in together.select("article a[href]")]
    inside = [link for link in links if not re.match(r"https?:|mailto:", link)]
    assert len(inside) > 100
    missing = {link for link in inside if link.startswith("#") and link[1:] not in ids}
    assert not missing
    for link in inside:
        if not link.startswith("#"):
            assert (ROOT / "_build" / "html" / link.partition("#")[0]).exists(), link


def test_an_explorer_shows_a_frame(together):
    explorers = together.select("figure.rectified-explorer")
    assert len(explorers) >= 9
    assert all(each.find("svg") or each.find("img") for each in explorers)


def test_chromium_prints_it(book):
    subprocess.run([sys.executable, "-m", "tools.book.pdf"], cwd=ROOT, check=True)
    data = (ROOT / "_build" / "rectified.pdf").read_bytes()
    assert data.startswith(b"%PDF") and data.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type\s*/Page\b", data)) > 40
    assert len(re.findall(rb"/Subtype\s*/Link", data)) > 100
    assert b"127.0.0.1" not in data  # no link to the server that it was printed from
    assert not (book / "all-pages.html").exists()
