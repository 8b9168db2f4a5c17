"""Search without a server: all sections of the book in one script, read by the search page only.

Sphinx's own search fetches pages for their excerpts, which a page opened from disk may not.
"""

import json

from docutils import nodes

from tools.book.site import state

# Nobody looks for what a cell's code says (functions are found by the reference), or for the
# parameters and examples there: together they were about half of the index.
UNSEEN = {"cell_output", "cell_input"}
SKIPPED = nodes.raw | nodes.image | nodes.comment | nodes.doctest_block | nodes.field_list


def setup(app) -> None:
    state.keep(app, "rectified_sections", sections)


def sections(app, doctree) -> list[dict]:
    """Return title, address and text of each section of a page."""
    pagename, found = app.env.docname, []
    page_title = next(iter(doctree.findall(nodes.title)), nodes.title("", pagename)).astext()
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        texts = [
            text(child) for child in section if not isinstance(child, nodes.section | nodes.title)
        ]
        anchor = "" if not found else f"#{section['ids'][0]}"
        found.append(
            {
                "page": page_title,
                "title": title.astext() if title else page_title,
                "url": f"{pagename}.html{anchor}",
                "text": " ".join(" ".join(texts).split()),
            }
        )
    return found


def text(node) -> str:
    """Return the words of a node: its prose."""
    if isinstance(node, SKIPPED):
        return ""
    if isinstance(node, nodes.container) and UNSEEN & set(node.get("classes", ())):
        return ""
    if isinstance(node, nodes.Text):
        return node.astext()
    separator = "" if isinstance(node, nodes.TextElement) else " "
    return separator.join(text(child) for child in node.children)


def script(env) -> str:
    pages = env.rectified_sections
    entries = [entry for name in sorted(pages) for entry in pages[name]]
    return "search(" + json.dumps(entries, ensure_ascii=False, separators=(",", ":")) + ")\n"
