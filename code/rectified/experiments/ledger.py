"""The ledger of claims: what one reads, what this run gave, what is true."""

from dataclasses import dataclass, field
from html import escape
from textwrap import fill
from typing import NamedTuple

__all__ = ["Entry", "Ledger"]


class Entry(NamedTuple):
    """One row of the ledger, in plain text."""

    claim: str  #: what one reads
    figure: str  #: what this run gave
    verdict: str  #: what is true


@dataclass
class Ledger:
    """A table that fills as claims are settled, and shows itself in a notebook.

    Attributes
    ----------
    entries : list of Entry

    Notes
    -----
    Chapter: What is true?

    Examples
    --------
    >>> ledger = Ledger()
    >>> ledger.settle("ReLU is never negative", f"smallest output {max(0, -3)}", "true")
    This run: smallest output 0. Verdict: true.
    """

    entries: list = field(default_factory=list)

    def settle(self, claim, figure, verdict):
        """Add a row and print what it says.

        Parameters
        ----------
        claim, figure, verdict : str
            Plain text; the figure comes from the run, not from the keyboard.
        """
        self.entries.append(Entry(claim, figure, verdict))
        print(fill(f"This run: {figure}. Verdict: {verdict}.", 78))

    def _repr_html_(self):
        rows = "".join(
            f'<tr><td>{number}</td><th scope="row">{escape(entry.claim)}</th>'
            f"<td>{escape(entry.figure)}</td><td>{escape(entry.verdict)}</td></tr>"
            for number, entry in enumerate(self.entries, start=1)
        )
        return (
            '<table class="ledger"><thead><tr><th scope="col">#</th><th scope="col">claim</th>'
            '<th scope="col">this run</th><th scope="col">verdict</th></tr></thead>'
            f"<tbody>{rows}</tbody></table>"
        )
