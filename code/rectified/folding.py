"""Output that waits until somebody asks for it, as the result of an exercise should."""

import ast
import contextlib
import inspect
import io
import os
import textwrap
from html import escape

from IPython import get_ipython
from IPython.display import display
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

__all__ = ["folded", "show_source"]


@contextlib.contextmanager
def folded(summary="Result"):
    """Fold what is printed inside, so that "Run All" gives no solution away.

    JupyterLab unfolds a cell's output whenever it runs the cell. What is printed here stays behind
    a line to click, ``summary``. On the published page the whole cell is folded, so there it is
    simply printed, as it is outside a notebook.

    Chapter: activation-functions.

    >>> with folded():
    ...     print("The rank is 3.")
    The rank is 3.
    """
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        yield
    if get_ipython() is None or os.environ.get("RECTIFIED_STATIC") == "1":
        print(text.getvalue(), end="")
        return
    inside = f"<summary>{escape(summary)}</summary><pre>{escape(text.getvalue())}</pre>"
    plain = f"{summary}: open this notebook in a browser"
    display({"text/html": f"<details>{inside}</details>", "text/plain": plain}, raw=True)


class show_source:
    """Show, folded, the source of functions or classes, as they are installed.

    The published page and JupyterLab get a line to open, a terminal the plain text. Of a docstring
    only the first line is shown: the rest is in the package's reference.

    Chapter: training.

    >>> from rectified import relu
    >>> show_source(relu)  # doctest: +ELLIPSIS
    def relu(...
    """

    def __init__(self, *things):
        self.names = " and ".join(thing.__name__ for thing in things)
        self.text = "\n\n".join(_shorten(inspect.getsource(thing)) for thing in things)

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        code = highlight(self.text, PythonLexer(), HtmlFormatter(nobackground=True))
        summary = f"<summary>What this runs: <code>{escape(self.names)}</code></summary>"
        return f'<details class="source">{summary}{code}</details>'


def _shorten(source):
    """The source, with the first line of each docstring in place of the whole."""
    source = textwrap.dedent(source).rstrip()
    lines = source.splitlines()
    documented = ast.FunctionDef | ast.ClassDef
    for node in sorted(ast.walk(ast.parse(source)), key=lambda each: -getattr(each, "lineno", 0)):
        if isinstance(node, documented) and ast.get_docstring(node):
            text = node.body[0]
            if text.end_lineno > text.lineno:
                lines[text.lineno - 1 : text.end_lineno] = [lines[text.lineno - 1] + '"""']
    return "\n".join(lines)
