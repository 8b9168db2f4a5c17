"""Predictions that the reader makes before the result can be seen.

A chapter writes a block quote that opens with "Predict, then run." (in the quiz with "Vote.") and
holds a list of answers, then the run, then `<details class="reply">` with a reply to each answer.
In JupyterLab that is all: the run has not been run. On the page the stretch between question and
reply is wrapped here, the style sheet hides it where scripts run, and the script makes buttons of
the answers. In print, and without scripts, all of it stands open.
"""

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

OPENINGS = "Predict, then run.", "Vote."
REPLY = '<details class="reply"'


class Predictions(SphinxTransform):
    """Wrap what a prediction hides; a question without answers or reply is an error of the page."""

    default_priority = 700  # when the cells of the page stand in the tree

    def apply(self, **kwargs):
        for question in list(self.document.findall(nodes.block_quote)):
            if question.astext().startswith(OPENINGS):
                wrap(question)


def wrap(question: nodes.block_quote) -> None:
    siblings = question.parent.children
    start = siblings.index(question)
    answers = next(question.findall(nodes.bullet_list), ())
    reply = next((at for at in range(start, len(siblings)) if REPLY in raw(siblings[at])), None)
    end = reply and next(
        (at for at in range(reply, len(siblings)) if "</details>" in raw(siblings[at])), None
    )
    if not 2 <= len(answers) <= 4 or end is None:
        logging.getLogger(__name__).warning(
            "a prediction needs two to four answers in a list, and a reply in its section",
            location=question,
        )
        return
    question["classes"].append("predict")
    opening = siblings[reply].astext().replace(REPLY, REPLY + " open", 1)
    siblings[reply].children[:] = [nodes.Text(opening)]
    siblings.insert(end + 1, nodes.raw("", "</div>", format="html"))
    siblings.insert(start + 1, nodes.raw("", '<div class="awaits">', format="html"))
    for node in (siblings[start + 1], siblings[end + 2]):
        node.parent = question.parent


def raw(node: nodes.Node) -> str:
    return node.astext() if isinstance(node, nodes.raw) else ""
