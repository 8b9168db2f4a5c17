"""Where the site says that it stands, and what follows from it."""

from types import SimpleNamespace

import pytest

from tools.book import site
from tools.book.repository import Repository
from tools.book.site import cards, downloads, maths, search


@pytest.mark.parametrize(
    ("site_url", "repository", "expected"),
    [
        ("https://course.example/relu", None, "https://course.example/relu/"),
        ("https://course.example/", "a/b", "https://course.example/"),
        ("", "Owner/rectified", "https://owner.github.io/rectified/"),
        ("", "owner/owner.github.io", "https://owner.github.io/"),
        ("", None, ""),
    ],
)
def test_address_of_the_site(monkeypatch, site_url, repository, expected):
    monkeypatch.setenv("SITE_URL", site_url)
    found = repository and Repository(repository)
    monkeypatch.setattr(site, "find_repository", lambda: found)
    assert site.base_url() == expected


def test_first_cell_says_where_the_package_is():
    known = downloads.first_cells("https://course.example/", "rectified-1-py3-none-any.whl")
    assert "https://course.example/notebooks/rectified-1-py3-none-any.whl" in known[1].source
    unknown = downloads.first_cells("", "rectified-1-py3-none-any.whl")
    assert '%pip install --quiet "rectified-1-py3-none-any.whl"' in unknown[1].source
    assert "rectified-1-py3-none-any.whl" in unknown[0].source


def test_preview_image_has_the_size_that_hosts_ask_for(tmp_path):
    from PIL import Image

    cards.card("When does a unit die, and does it stay dead?", "Rectified").savefig(
        tmp_path / "card.png"
    )
    assert Image.open(tmp_path / "card.png").size == (1200, 630)


def test_formula_that_cannot_be_read_is_a_warning(caplog):
    from docutils import nodes

    good = nodes.math("", r"\max(0, z)")
    assert maths.convert(good, display=False).startswith("<math>")
    bad = nodes.math("", r"\frac{1}{")
    assert maths.convert(bad, display=True) == r"<code>\frac{1}{</code>"
    lines = nodes.math_block("", r"a &= b \\ c &= d")
    assert "<mtable" in maths.convert(lines, display=True)


def test_index_leaves_out_outputs_and_keeps_code():
    from docutils import nodes

    output = nodes.container("", nodes.paragraph("", "seen"), classes=["cell_output"])
    code = nodes.literal_block("", "relu(z)")
    section = nodes.section("", nodes.title("", "A part"), code, output, ids=["a-part"])
    document = nodes.container("", section)
    app = SimpleNamespace(env=SimpleNamespace(docname="page"))
    (found,) = search.sections(app, document)
    assert found == {"page": "A part", "title": "A part", "url": "page.html", "text": "relu(z)"}
