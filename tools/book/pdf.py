"""Print the whole book to one PDF, with working links: ``_build/rectified.pdf``.

    python -m tools.book.pdf

The built pages are put one after the other into a single page, which Chromium prints. A link from
one chapter to another becomes a link inside the PDF. An explorer shows its default frame. Jupyter
Book's own `pdfhtml` prints the page of another builder, for which our theme is not made.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import yaml
from bs4 import BeautifulSoup

from tools.book import chromium, serve

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
PDF = ROOT / "_build" / "rectified.pdf"
# Attributes that name an element of the same page, one or more by their ids.
NAMES = ["for", "headers", "list", "aria-labelledby", "aria-describedby", "aria-controls"]
LINKS = ["href", "xlink:href"]
STYLE = """
@page { size: A4; margin: 18mm 16mm 20mm; }
article + article { break-before: page; }
html { font-size: 80%; }
"""


def pages() -> list[str]:
    """The names of the pages in the order of the table of contents."""
    names = []

    def visit(entry):
        if isinstance(entry, dict):
            names.extend(entry[key] for key in ("root", "file") if key in entry)
            entry = list(entry.values())
        if isinstance(entry, list):
            for each in entry:
                visit(each)

    visit(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))
    return names


def anchor(name: str, fragment: str = "") -> str:
    """The id, in the one page, of an element of a page of the book."""
    return re.sub(r"[^\w-]", "-", name) + (f"--{fragment}" if fragment else "")


def moved(link: str, name: str, names: set[str]) -> str:
    """A link of a page as it must be in the one page, which stands at the root of the site."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return link
    address, fragment = urldefrag(urljoin(f"{name}.html", link))
    target = address.removesuffix(".html")
    if address.endswith(".html") and target in names:
        return "#" + anchor(target, fragment)
    return urljoin(f"{name}.html", link)


def article(name: str, names: set[str]):
    """The text of a page, its ids and links made unique in the whole book."""
    page = BeautifulSoup((HTML / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    body = page.find("article") or page.find("main")
    for link in body.select("a:has(> .viewcode-link)"):
        link.decompose()
    for extra in body.select("script, noscript, a.headerlink, nav, .tools"):
        extra.decompose()
    for element in body.find_all(True):
        for key in LINKS:
            if key in element.attrs:
                element[key] = moved(element[key], name, names)
        if "src" in element.attrs:
            element["src"] = moved(element["src"], name, names)
        if "id" in element.attrs:
            element["id"] = anchor(name, element["id"])
        for key in NAMES:
            if key in element.attrs:
                value = element[key]
                ids = value if isinstance(value, list) else value.split()
                element[key] = " ".join(anchor(name, each) for each in ids)
        for key, value in element.attrs.items():
            if isinstance(value, str) and "url(#" in value:
                element[key] = re.sub(r"url\(#", f"url(#{anchor(name)}--", value)
        if element.name == "details":
            element["open"] = ""
    for style in body.find_all("style"):
        if style.string and "url(#" in style.string:
            style.string = style.string.replace("url(#", f"url(#{anchor(name)}--")
    body.name = "article"
    body["id"] = anchor(name)
    return body


def one_page() -> str:
    """The whole book as one page of the site, with the site's own style sheets."""
    order = pages()
    first = BeautifulSoup((HTML / "index.html").read_text(encoding="utf-8"), "html.parser")
    names = set(order)
    for script in first.find_all("script"):
        script.decompose()
    for link in first.head.find_all("link"):
        if "stylesheet" not in link.get("rel", []):
            link.decompose()
    style = first.new_tag("style")
    style.string = STYLE
    first.head.append(style)
    first.html["data-theme"] = "light"
    main = first.find("main") or first.body
    place = first.body
    place.clear()
    main.clear()
    place.append(main)
    for name in order:
        main.append(article(name, names))
    return str(first)


def main() -> int:
    from playwright.sync_api import sync_playwright

    failed = subprocess.run([sys.executable, "-m", "tools.book"], cwd=ROOT).returncode
    if failed:
        return failed
    print("Printing the book", flush=True)
    together, part = one_page(), PDF.with_suffix(".part")
    with serve.running(HTML) as site, sync_playwright() as playwright:
        path = chromium.find()
        browser = playwright.chromium.launch(executable_path=path, args=chromium.arguments())
        page = browser.new_page(color_scheme="light")
        # As if it stood beside the pages, for the files that they use.
        address = f"{site}all-pages.html"
        page.route(address, lambda route: route.fulfill(body=together, content_type="text/html"))
        page.goto(address, wait_until="load")
        page.evaluate("() => document.fonts.ready")
        page.pdf(path=part, prefer_css_page_size=True, tagged=True, outline=True)
        browser.close()
    part.replace(PDF)
    print(f"The book as a PDF ({PDF.stat().st_size / 1e6:.1f} MB): {PDF.as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
