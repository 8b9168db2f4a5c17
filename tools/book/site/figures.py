"""Figures in the ink of the page: Matplotlib's SVG becomes part of the page's own HTML."""

import hashlib
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from rectified import svg


class InlineFigures(SphinxPostTransform):
    """Put the SVG of a cell's output into the page, so that it takes the page's colours and font.

    An image of its own could not: a page's style sheet does not reach into it.
    """

    default_priority = 900  # after MyST-NB chose the form of each output
    builders = ("html",)

    def run(self, **kwargs):
        folder = Path(self.app.outdir).parent
        for number, image in enumerate(list(self.document.findall(nodes.image))):
            path = Path(self.app.srcdir, image["uri"])
            if not path.exists():
                path = Path(image["uri"])
            if (
                path.suffix != ".svg"
                or "jupyter_execute" not in path.parts
                or not path.is_relative_to(folder)
            ):
                continue
            text = path.read_text(encoding="utf-8")
            uid = "f" + hashlib.sha256(f"{number} {text}".encode()).hexdigest()[:6]
            identifiers = {}

            def name(identifier, identifiers=identifiers, uid=uid):
                return identifiers.setdefault(identifier, f"{uid}-{len(identifiers)}")

            drawing = svg.read(text, name)
            attributes = " role=img class=figure"
            attributes += f' aria-label="{escape(image.get("alt", ""))}"'
            image.replace_self(nodes.raw("", svg.write(drawing, attributes), format="html"))
