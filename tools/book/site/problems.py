"""Messages that say where: the source's path in the repository, and the number of the cell."""

import logging
import os
import re
from pathlib import Path

from myst_nb.core.read import is_myst_markdown_notebook, myst_nb_reader_plugin


class Readable(logging.Filter):
    """Write the place of a message as a reader looks for it."""

    def __init__(self, app):
        super().__init__()
        self.app, self.root = app, Path(app.srcdir)
        self.only = tuple(f"{name}." for name in os.environ.get("RECTIFIED_ONLY", "").split())

    def filter(self, record) -> bool:
        record.location = record.location and self.place(str(record.location))
        if self.only and not str(record.location).startswith(self.only):
            self.app._warncount -= 1  # of a chapter that its writer is not looking at
            return False
        record.msg = str(record.msg).replace(f"{self.root}/", "")
        return True

    def place(self, location: str) -> str:
        location = location.replace(f"{self.root}/", "")
        match = re.fullmatch(r"([\w/-]+\.md):(\d+)", location)
        if match and not location.startswith("homework/"):  # there the lines are the student's
            path = self.root / match[1]
            if is_myst_markdown_notebook(path.read_text(encoding="utf-8")):
                starts = myst_nb_reader_plugin(str(path)).metadata["source_map"]
                return f"{location} (cell {sum(start <= int(match[2]) for start in starts) or 1})"
        return location


def setup(app) -> None:
    """Every warning fails the build, once all of them are said."""
    app.keep_going = True
    for handler in logging.getLogger("sphinx").handlers:
        if handler.level == logging.WARNING:
            handler.addFilter(Readable(app))
