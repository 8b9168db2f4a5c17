"""Citations for where no Sphinx resolves them: "Nair and Hinton (2010)" in place of a key.

Pybtex reads the entries. Its styles write a bibliography, not a citation in a sentence; those of
sphinxcontrib-bibtex do, but only as nodes of Sphinx, and a notebook for download is Markdown.
"""

import re
from functools import cache
from pathlib import Path

from pybtex.database import parse_file

ROLE = re.compile(r"\{cite:([tp])\}`([^`]+)`")


def readable(text: str, bibliography: Path) -> str:
    """Write each ``{cite:t}`key` `` and ``{cite:p}`key` `` of a text as authors and linked year."""

    def words(match) -> str:
        entries = [read(bibliography)[key.strip()] for key in match[2].split(",")]
        if match[1] == "t":
            return ", ".join(f"{authors(entry)} ({year(entry)})" for entry in entries)
        return "(" + "; ".join(f"{authors(entry)}, {year(entry)}" for entry in entries) + ")"

    return ROLE.sub(words, text)


@cache
def read(bibliography: Path) -> dict:
    return dict(parse_file(str(bibliography), "bibtex").entries)


def authors(entry) -> str:
    people = entry.persons["author"]
    names = ["".join(map(str, person.rich_last_names)) for person in people]
    if len(names) > 2 or "others" in names:
        return f"{names[0]} et al."
    return " and ".join(names)


def year(entry) -> str:
    fields = entry.fields
    address = f"https://doi.org/{fields['doi']}" if "doi" in fields else fields.get("url")
    return f"[{fields['year']}]({address})" if address else fields["year"]
