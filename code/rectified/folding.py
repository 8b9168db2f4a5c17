"""Output that waits until somebody asks for it, as the result of an exercise should."""

import contextlib
import inspect
import io
import os
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

    The published page and JupyterLab get a line to open, a terminal the plain text.

    Chapter: training.

    >>> from rectified import relu
    >>> show_source(relu)  # doctest: +ELLIPSIS
    def relu(...
    """

    def __init__(self, *things):
        self.names = " and ".join(thing.__name__ for thing in things)
        self.text = "\n\n".join(inspect.getsource(thing).rstrip() for thing in things)

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        code = highlight(self.text, PythonLexer(), HtmlFormatter(nobackground=True))
        summary = f"<summary>What this runs: <code>{escape(self.names)}</code></summary>"
        return f'<details class="source">{summary}{code}</details>'
