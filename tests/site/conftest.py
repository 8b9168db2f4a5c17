"""What the tests of the built pages share: which pages there are, and how to look at them."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FORMS = {
    "wide, light": (1280, "light"),
    "wide, dark": (1280, "dark"),
    "narrow, dark": (360, "dark"),
}


def page_names() -> list[str]:
    """Names of all pages, without .html, from the table of contents and the theme."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [each["file"] for part in contents["parts"] for each in part["chapters"]]
    return [contents["root"], *chapters, "search", "404", "licences"]


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", page_names())


@pytest.fixture(scope="session")
def forms(browser):
    """One browser context for each of the forms."""
    contexts = {
        form: browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        for form, (width, scheme) in FORMS.items()
    }
    yield contexts
    for context in contexts.values():
        context.close()


@pytest.fixture(scope="session")
def own_files(book):
    """The site's files besides those of other people's programs: Pyodide and JupyterLite."""
    folders = [path for path in book.iterdir() if path.name not in ("live", "lite")]
    files = [path for folder in folders for path in [folder, *folder.rglob("*")]]
    return sorted(path for path in files if path.is_file())


@pytest.fixture(scope="session")
def explorer_pages(book, own_files):
    """Addresses of the pages that hold an explorer."""
    found = [
        file
        for file in own_files
        if file.suffix == ".html"
        and "<figure class=rectified-explorer" in file.read_text(encoding="utf-8")
    ]
    return [file.relative_to(book).as_posix() for file in found]
