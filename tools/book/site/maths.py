"""Formulas as MathML, made at build time: a page needs no script and no server for them."""

import re
from html import escape

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.util import logging

from tools.book.site import state

LOGGER = logging.getLogger(__name__)
CONVERTER = LatexToMathML(annotation=False, fancy_error=False)

#: a base, with or without an index, and the prime above it
PRIMED = re.compile(r"<(msub|m)sup>((?:(?!<msu).)*?)<mo>([′″])</mo></\1sup>")


def setup(app) -> None:
    state.keep(app, "rectified_formulas", read)
    app.connect("doctree-resolved", keep_punctuation)
    app.connect("doctree-resolved", keep_units)


def read(app, doctree) -> set[str]:
    """Convert each formula of a page; return the characters in them."""
    found = set()
    for node in doctree.findall(lambda node: isinstance(node, nodes.math | nodes.math_block)):
        node["mathml"] = convert(node, display=isinstance(node, nodes.math_block))
        found.update(re.sub(r"<[^>]*>|&\w+;", "", node["mathml"]))
    return found


def characters(env) -> set[str]:
    """Every character that stands in a formula: the font of formulas is cut to these."""
    return set().union(*env.rectified_formulas.values())


def convert(node, *, display: bool) -> str:
    """Return the MathML of a node, or its TeX source and a warning, which fails the build."""
    tex = node.astext().strip()
    if display and re.search(r"\\\\|&", tex) and "\\begin" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"  # as Sphinx does for MathJax
    try:
        mathml = CONVERTER.convert_with_local_state(tex, displaystyle=display)
    except LatexError as error:
        LOGGER.warning("a formula cannot be read: %s: %s", tex, error, location=node)
        return f"<code>{tex}</code>"
    # ℝ and 𝒩 come with an invisible selector of variants, for which few fonts have a glyph.
    mathml = mathml.replace("\N{VARIATION SELECTOR-1}", "").replace("\N{VARIATION SELECTOR-2}", "")
    # With what is under it as high as a capital, a root does not hang from the line.
    mathml = mathml.replace("<msqrt>", '<msqrt><mpadded height="0.8em">')
    mathml = mathml.replace("</msqrt>", "</mpadded></msqrt>")
    # STIX draws a prime raised; as a superscript it would be raised twice, and too small.
    return PRIMED.sub(_set_prime, mathml)


def _set_prime(match):
    index, base, prime = match.groups()
    if index == "msub":
        base = f"<msub>{base}</msub>"
    return f'<mrow>{base}<mo lspace="0" rspace="0">{prime}</mo></mrow>'


def keep_punctuation(app, doctree, docname):
    """Give each formula the punctuation behind it, so that no line begins with a full stop."""
    for node in list(doctree.findall(nodes.math)):
        place = node.parent.index(node) + 1
        following = node.parent[place] if place < len(node.parent) else None
        if isinstance(following, nodes.Text) and (found := re.match(r"[.,;:?!)]+", following)):
            node["tail"] = found[0]
            node.parent[place] = nodes.Text(following[found.end() :])


def keep_units(app, doctree, docname):
    """Glue a percent sign, and a power of ten, to its number, so that no line begins with it."""
    for element in doctree.findall(nodes.Element):
        prose = not isinstance(element, nodes.FixedTextElement | nodes.literal)
        for place, text in enumerate(element.children):
            # The line of a fold is HTML in the source; other HTML, that of outputs, stays as it is.
            fold = isinstance(element, nodes.raw) and "<summary>" in text
            if isinstance(text, nodes.Text) and (prose or fold):
                glued = re.sub(r"(?<=\d) (?=%)|(?<=\d) (?=× 10)|(?<=×) (?=10)", "\u00a0", text)
                if glued != text:
                    element[place] = nodes.Text(glued)


def visit_inline(writer, node):
    mathml = node["mathml"]
    if "tail" in node:
        mathml = f'<span class="unbroken">{mathml}{escape(node["tail"])}</span>'
    writer.body.append(mathml)
    raise nodes.SkipNode


def visit_block(writer, node):
    target = f' id="{node["ids"][0]}"' if node["ids"] else ""
    number = f'<span class="number">({node["number"]})</span>' if node["number"] else ""
    writer.body.append(f'<div class="math"{target}>{node["mathml"]}{number}</div>\n')
    raise nodes.SkipNode
