"""Output that waits until somebody asks for it, as the result of an exercise should."""

import contextlib
import io
import os
from html import escape

from IPython import get_ipython
from IPython.display import display

__all__ = ["folded"]


@contextlib.contextmanager
def folded(summary="Result"):
    """Fold what is printed inside, so that "Run All" gives no solution away.

    JupyterLab unfolds a cell's output whenever it runs the cell. What is printed here stays behind
    a line to click. On the published page the whole cell is folded, so there it is just printed, as
    it is outside a notebook.

    Parameters
    ----------
    summary : str, default "Result"
        The line to click.

    Notes
    -----
    Chapter: Activation functions

    Examples
    --------
    >>> with folded():
    ...     print("The rank is 3.")
    The rank is 3.
    """
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        yield
    if get_ipython() is None or os.environ.get("RECTIFIED_EXPLORER") == "static":
        print(text.getvalue(), end="")
        return
    inside = f"<summary>{escape(summary)}</summary><pre>{escape(text.getvalue())}</pre>"
    plain = f"{summary}: open this notebook in a browser"
    display({"text/html": f"<details>{inside}</details>", "text/plain": plain}, raw=True)
