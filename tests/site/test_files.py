"""The built files without a browser: links, text alternatives, descriptions, leftovers."""

import re
from collections import Counter
from functools import cache, cached_property
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest


class Page(HTMLParser):
    """A page's elements with their attributes, and its text."""

    def __init__(self, path: Path):
        super().__init__(convert_charrefs=True)
        self.elements, self.text, self.skipped = [], [], 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.skipped += tag in ("script", "style")

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        self.skipped -= tag in ("script", "style")

    def handle_data(self, data):
        if not self.skipped:
            self.text.append(data)

    @cached_property
    def names(self):
        """How often each identifier is given."""
        return Counter(each["id"] for _, each in self.elements if "id" in each)

    def all(self, *tags):
        return [attributes for tag, attributes in self.elements if tag in tags]


@cache
def read(path: Path) -> Page:
    return Page(path)


@pytest.fixture
def page(book, name):
    return read(book / f"{name}.html")


def test_links_lead_somewhere(book, page, name):
    """Every link, image, script and style inside the site is there, with its anchor."""
    here = book / f"{name}.html"
    broken = []
    for tag, attributes in page.elements:
        for key in ("href", "src", "action"):
            address = attributes.get(key)
            if address is None or (tag in ("use", "image") or "xlink:href" in attributes):
                continue
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (here.parent / unquote(parts.path)).resolve() if parts.path else here
            if not target.is_file():
                broken.append(address)
            elif parts.fragment and target.suffix == ".html":
                if unquote(parts.fragment) not in read(target).names:
                    broken.append(address)
    assert not broken


def test_nothing_comes_from_elsewhere(page):
    """No script, style, image or frame of another host; links are for the reader to follow."""
    for tag, attributes in page.elements:
        loads = tag in ("script", "img", "iframe", "source", "video", "audio")
        loads |= tag == "link" and attributes.get("rel") not in ("canonical", "prev", "next")
        for key in ("src", "href", "srcset"):
            if loads and attributes.get(key, "").startswith(("http:", "https:", "//")):
                pytest.fail(f"{tag} {attributes[key]}")


def test_style_asks_nobody(own_files):
    for style in (path for path in own_files if path.suffix == ".css"):
        assert not re.search(r"url\(\s*['\"]?(https?:)?//", style.read_text(encoding="utf-8"))


def test_pictures_say_what_they_show(page, name):
    """Each figure has words of its own for its text alternative."""
    alternatives = [each.get("alt") for each in page.all("img")]
    figures = [each for each in page.all("svg") if each.get("role") == "img"]
    alternatives += [each.get("aria-label") for each in figures]
    for text in alternatives:
        assert text and len(text.split()) >= 4, f"{text!r} says too little"
        assert "/" not in text.split()[0] and "_images" not in text
    assert len(set(alternatives)) == len(alternatives), "two figures have the same words"


def test_identifiers_are_unique(page):
    assert not [name for name, count in page.names.items() if count > 1]


def test_head_says_what_the_page_is(book, page, name):
    described = [each["content"] for each in page.all("meta") if each.get("name") == "description"]
    assert len(described) == 1 and 20 <= len(described[0]) <= 300
    properties = {each.get("property"): each.get("content") for each in page.all("meta")}
    assert properties["og:title"] and properties["og:description"] == described[0]
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == 1
    assert page.all("title")


def test_titles_differ(own_files):
    pages = [path.read_text() for path in own_files if path.suffix == ".html"]
    titles = [re.search("<title>(.*?)</title>", page)[1] for page in pages]
    assert len(set(titles)) == len(titles)


def test_no_page_shows_a_failure(page):
    text = "".join(page.text)
    assert "Traceback (most recent call last)" not in text
    for _, attributes in page.elements:
        classes = attributes.get("class") or ""
        assert "stderr" not in classes and "traceback" not in classes
        assert "system-message" not in classes and "problematic" not in classes


def test_formulas_are_markup(book):
    """The formulas became MathML: no TeX is left in the text, no script has to set it."""
    text = (book / "chapters/definition.html").read_text(encoding="utf-8")
    assert text.count("<math") > 5
    for path in [book / "index.html", *book.glob("chapters/*.html"), *book.glob("homework/*.html")]:
        text = path.read_text(encoding="utf-8")
        words = re.sub(r"<(pre|script)\b.*?</\1>|<[^>]+>", "", text, flags=re.S)
        assert not re.search(r"\\(frac|max|sigma|partial|text|mathrm)\b", words), path.name


def test_no_file_is_there_for_nothing(book, own_files):
    """No script or style that no page uses, no source with what the pages hide."""
    texts = [path for path in own_files if path.suffix in (".html", ".css")]
    used = "".join(path.read_text(encoding="utf-8") for path in texts)
    for path in own_files:
        if path.suffix in (".js", ".css", ".woff2", ".svg", ".png"):
            assert path.name in used, path
    assert not (book / "_sources").exists()
    assert not [path for path in own_files if path.suffix == ".md"]


def test_pages_without_a_home_have_no_dead_button(book):
    """Where neither site nor repository is known nothing absolute is guessed."""
    from tools.book.repository import find_repository

    text = (book / "chapters/definition.html").read_text(encoding="utf-8")
    known = find_repository() is not None
    assert ("mybinder.org" in text) == known
    if not known:
        assert "github.com" not in re.sub(r"<article>.*?</article>", "", text, flags=re.S)


def test_no_line_can_begin_with_the_punctuation_behind_a_formula(book, name):
    text = (book / f"{name}.html").read_text(encoding="utf-8")
    rest = re.sub(r'<span class="unbroken">.*?</span>', "", text)
    assert not re.findall(r".{80}</math>[.,;:?!)]", rest)


def test_no_line_can_begin_with_a_percent_sign(book, name):
    html = (book / f"{name}.html").read_text(encoding="utf-8")
    prose = re.search("<main.*?</main>", html, re.S)[0]
    prose = re.sub(r"<(pre|svg|code|script|style)\b.*?</\1>", "", prose, flags=re.S)
    assert not re.findall(r"\d % *\w*", re.sub("<[^>]*>", "", prose))


def test_short_code_in_prose_is_not_broken(book):
    text = (book / "chapters" / "the-value-at-zero.html").read_text(encoding="utf-8")
    codes = re.findall(r'<code class="([^"]*)docutils literal[^"]*">(.*?)</code>', text)
    assert len({classes for classes, _ in codes}) == 2, "some are short, some are not"
    for classes, inside in codes:
        written = unescape(re.sub("<.*?>", "", inside))
        assert ("short" in classes) == (len(written) <= 20), written
