"""The site's Sphinx extension: a theme of its own, and what makes a page whole by itself.

Jupyter Book reads the notebooks and the table of contents; this extension turns them into pages
that load nothing from elsewhere and nothing that they do not use. `_config.yml` leaves out the
extensions that would add scripts (copy buttons, Thebe, comments, toggles) and names the theme
below, so nothing has to be taken away afterwards.

============== =====================================================================
`../theme/`    templates, one style sheet, one small script
`execution.py` how chapters are run, and their outputs kept
`problems.py`  messages that name the cell
`maths.py`     formulas as MathML
`figures.py`   figures as SVG inside the page, in its ink, light or dark
`predict.py`   predictions before results
`fonts.py`     the fonts, cut to the characters that are used
`search.py`    an index that needs no server
`downloads.py` each chapter as .ipynb, and the package as a wheel
`runtime.py`   Python for the browser, where it was fetched
`live.py`      what "Run this page" needs
`cards.py`     the preview image of each page
============== =====================================================================

The sitemap and robots.txt are written here (`finish`): sphinx-sitemap lists the pages that one run
of Sphinx writes, which after a change are only some, and it writes no robots.txt.
"""

import os
import re
import shutil
from html import escape
from pathlib import Path

import jupytext
from docutils import nodes
from sphinx.application import Sphinx

from tools.book.repository import find_repository
from tools.book.site import (
    downloads,
    execution,
    figures,
    fonts,
    live,
    maths,
    predict,
    problems,
    runtime,
    search,
)
from tools.homework.student import student

THEME = Path(__file__).parents[1] / "theme"


def setup(app: Sphinx):
    execution.setup(app)
    problems.setup(app)
    runtime.setup(app)
    app.add_html_theme("rectified", str(THEME))
    app.add_html_math_renderer("mathml", (maths.visit_inline, None), (maths.visit_block, None))
    app.add_post_transform(figures.InlineFigures)
    app.add_transform(predict.Predictions)
    app.add_config_value(
        "comments_config", {}, "html"
    )  # Jupyter Book sets it for an extension that is left out
    app.connect("config-inited", set_defaults, priority=100)
    app.connect("builder-inited", leave_out_search)
    app.connect("source-read", read_homework)
    app.connect("doctree-read", keep_short_code_whole)
    search.setup(app)
    maths.setup(app)
    app.connect("html-collect-pages", extra_pages)
    app.connect("html-page-context", complete_context, priority=900)
    app.connect("build-finished", finish)
    return {"version": "1", "parallel_read_safe": True}


def keep_short_code_whole(app, doctree):
    """A name or a short formula in code is not broken at the end of a line."""
    for code in doctree.findall(nodes.literal):
        if len(code.astext()) <= 20:
            code["classes"].append("short")


def set_defaults(app, config):
    """Settings that belong to the theme; the author's are in _config.yml."""
    config.html_theme_options = {}  # Jupyter Book's are those of another theme
    config.html_math_renderer = "mathml"
    config.html_copy_source = False  # would publish what is hidden on the page, solutions among it
    config.html_domain_indices = config.html_use_index = False
    config.html_permalinks_icon = "#"
    config.html_baseurl = base_url()


def base_url() -> str:
    """Where the site will stand: SITE_URL, else the pages of the repository, else nowhere known."""
    address = os.environ.get("SITE_URL", "").strip()
    repository = find_repository()
    if not address and repository:
        owner, _, name = repository.name.partition("/")
        home = f"{owner}.github.io".lower()
        address = f"https://{home}/" if name.lower() == home else f"https://{home}/{name}/"
    return address.rstrip("/") + "/" if address else ""


def leave_out_search(app):
    app.builder.search = False  # ours takes its place, see search.py
    # Pages that are written anew, not by `make book`, are no longer those of its stamp.
    Path(app.outdir).with_suffix(".stamp").unlink(missing_ok=True)


def read_homework(app, docname, source):
    """Show the student's notebook; its source, beside the others in the repository, has answers.

    Chapters link to the notebook that stands at its place in the tree that Binder opens.
    """
    if docname.startswith("homework/"):
        source[0] = jupytext.writes(student(Path(app.env.doc2path(docname))), "md:myst")
    source[0] = re.sub(r"\]\(((?:\.\./)?homework/[\w-]+)\.ipynb\)", r"](\1.md)", source[0])


def extra_pages(app):
    yield (
        "search",
        {"title": "Search", "description": "Search all chapters of the course."},
        "search.html",
    )
    yield (
        "404",
        {"title": "Page not found", "description": "There is no page at this address."},
        "404.html",
    )
    if parts := runtime.licences(app):
        description = "Python and what else runs in the browser, each part with its licence."
        context = {"title": "What runs in the browser", "description": description, "parts": parts}
        yield ("licences", context, "licences.html")


def complete_context(app, pagename, templatename, context, doctree):
    """Add what the templates need; runs after all others."""
    metadata = app.env.metadata.get(pagename, {})
    body = context.get("body", "")
    # A wide table or formula scrolls by itself, not the page.
    body = re.sub(r"(<table\b.*?</table>)", r'<div class="scroll">\1</div>', body, flags=re.S)
    body = re.sub(
        r"<summary aria-label.*?Show code cell (\w+).*?</summary>", name_hidden, body, flags=re.S
    )
    # What docutils writes and WCAG does not allow: an empty heading, a role that was withdrawn.
    body = re.sub(r'<th class="head">(<p></p>)?</th>', "<td></td>", body)
    body = body.replace('role="doc-biblioentry"', 'role="listitem"')
    context["body"] = body
    description = (
        context.get("description")
        or metadata.get("description")
        or html_meta(doctree)
        or first_sentence(doctree)
        or f"The source of {pagename.removeprefix('_modules/').replace('/', '.')}, as it is run."
    )
    context["description"] = " ".join(description.split())
    context["metatags"] = re.sub(
        r'<meta [^>]*name="description"[^>]*>\n?', "", context.get("metatags", "")
    )
    context["page_title"] = re.sub(r"<[^>]+>", "", context.get("title", ""))
    context["project_title"] = app.config.html_title
    context["base_url"] = app.config.html_baseurl
    context["page_url"] = app.config.html_baseurl + (
        "" if pagename == "index" else f"{pagename}.html"
    )
    context["notebook"] = context["launch"] = context["source"] = context["wheel"] = None
    context["runtime"] = bool(app.config.rectified_runtime)
    context["lab"] = None  # the page as a notebook in JupyterLite
    repository = find_repository()
    context["repository"] = repository
    source = (
        Path(app.env.doc2path(pagename, base=False)) if pagename in app.env.found_docs else None
    )
    context["live"] = live.has_door(app, pagename)
    homework = pagename.startswith("homework/")
    if source and downloads.has_code(Path(app.srcdir, source)):
        context["notebook"] = f"notebooks/{pagename}.ipynb"
        context["wheel"] = f"notebooks/{downloads.wheel_name(Path(app.srcdir))}"
        place = source.with_suffix(".ipynb") if homework else source
        context["launch"] = repository and repository.launch(place.as_posix())
        if context["runtime"]:
            context["lab"] = f"lite/notebooks/index.html?path={pagename}.ipynb"
    if source and repository and not homework:
        context["source"] = repository.source(source.as_posix())


def name_hidden(found) -> str:
    """Return the summary of a hidden cell, one line for open and closed: the arrow shows which."""
    names = {"source": "Code", "outputs": "Result", "content": "Code and result"}
    return f"<summary>{names[found[1]]}</summary>"


def html_meta(doctree) -> str:
    for meta in doctree.findall(nodes.meta) if doctree is not None else ():
        if meta.get("name") == "description":
            return meta["content"]
    return ""


def first_sentence(doctree) -> str:
    for paragraph in doctree.findall(nodes.paragraph) if doctree is not None else ():
        return paragraph.astext()[:200]
    return ""


def finish(app, error):
    """Write what the pages refer to; remove what no page uses."""
    if error or app.builder.name != "html":
        return
    out = Path(app.outdir)
    runtime.clear(out)
    static = out / "_static"
    kept = {path.name for path in (THEME / "static").iterdir()}
    for path in (
        static.iterdir()
    ):  # scripts and styles that Sphinx and its extensions copy for their own themes
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    # .buildinfo stands for the paths of this machine.
    for name in (
        "jupyter_execute",
        "_sphinx_design_static",
        "objects.inv",
        ".buildinfo",
        "reports",
    ):
        path = out / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    names = {*app.env.found_docs, "search", "404", "licences"}
    for path in out.rglob("*.html"):
        name = path.relative_to(out).with_suffix("").as_posix()
        if name not in names and not name.startswith("_modules/"):
            path.unlink()  # of a chapter that is no more
    pages = {path.read_text(encoding="utf-8") for path in out.rglob("*.html")}
    for image in (out / "_images").glob("*.svg"):  # those that now stand in the pages themselves
        if not any(image.name in page for page in pages):
            image.unlink()
    root = Path(app.srcdir)
    fonts.write_fonts(static, root / "_build" / "fonts", maths.characters(app.env))
    (static / "search.js").write_text(search.script(app.env), encoding="utf-8")
    downloads.write_notebooks(app, out / "notebooks")
    downloads.write_wheel(root, out / "notebooks")
    runtime.put(app, out)
    live.write(app, out)
    if base := app.config.html_baseurl:
        names = sorted(name for name in app.env.found_docs if (out / f"{name}.html").exists())
        addresses = [base + ("" if name == "index" else f"{name}.html") for name in names]
        entries = "".join(f"<url><loc>{escape(address)}</loc></url>\n" for address in addresses)
        space = "http://www.sitemaps.org/schemas/sitemap/0.9"
        (out / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<urlset xmlns="{space}">\n{entries}</urlset>\n'
        )
        (out / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n")
        from tools.book.site import cards  # Matplotlib's settings are those of `execution`

        cards.write_cards(app, static / "cards")
