"""The ledger of claims: what one reads, what this run gave, what follows by stated conditions."""

from dataclasses import dataclass, field
from html import escape
from textwrap import fill

__all__ = ["Entry", "Ledger", "decide"]

NOT_TESTED = "cannot be told here"


def decide(true, half_true=False):
    """Turn the conditions of a claim, evaluated on the run, into its verdict.

    Parameters
    ----------
    true : bool or None
        Whether the claim held in every run that could speak against it; None if no run is about it.
    half_true : bool, default False
        Whether it held in some of them, or a part of it did.

    Returns
    -------
    str
        "true", "half true", "false" or "cannot be told here".

    Notes
    -----
    Chapter: claims

    Examples
    --------
    >>> decide(true=2 > 3, half_true=2 > 1)
    'half true'
    """
    if true is None:
        return NOT_TESTED
    return "true" if true else "half true" if half_true else "false"


@dataclass(frozen=True)
class Entry:
    """One row of the ledger, in plain text.

    Attributes
    ----------
    claim : str
        What one reads.
    figure : str
        What this run gave.
    verdict : str
        What follows, one of the four words of ``decide``.
    asks : str
        In words, what the claim is asked for to be called true, and half true.
    setting, baseline, power : str
        On what it was tested, against what, and how small an effect would have shown.
    """

    claim: str
    figure: str
    verdict: str
    asks: str
    setting: str
    baseline: str
    power: str

    def __str__(self):
        lines = [f"This run: {self.figure}.", f"Verdict: {self.verdict}.", f"{self.asks}."]
        lines.append(self.test)
        return "\n".join(fill(line, 78) for line in lines)

    @property
    def test(self):
        """Setting, baseline and power as one sentence."""
        return f"Setting: {self.setting}. Against: {self.baseline}. Would have shown: {self.power}."

    def _repr_html_(self):
        return (
            f'<div class="entry" data-verdict="{escape(self.verdict)}">'
            f"<p><b>This run:</b> {escape(self.figure)}.</p>"
            f"<p><b>Verdict:</b> {escape(self.verdict)}. {escape(self.asks)}.</p>"
            f"<p><small>{escape(self.test)}</small></p></div>"
        )


@dataclass
class Ledger:
    """A table that fills as claims are settled, and shows itself in a notebook.

    Attributes
    ----------
    entries : list of Entry

    Notes
    -----
    Chapter: claims

    Examples
    --------
    >>> ledger = Ledger()
    >>> entry = ledger.settle(
    ...     "ReLU is never negative", f"smallest output {max(0, -3)}", decide(max(0, -3) >= 0),
    ...     asks="True asks for no output below 0", setting="one number",
    ...     baseline="the identity, -3", power="any negative output")
    >>> print(entry)
    This run: smallest output 0.
    Verdict: true.
    True asks for no output below 0.
    Setting: one number. Against: the identity, -3. Would have shown: any negative
    output.
    """

    entries: list = field(default_factory=list)

    def settle(self, claim, figure, verdict, *, asks, setting, baseline, power):
        """Add a row and return it.

        Parameters
        ----------
        claim, figure, verdict, asks, setting, baseline, power : str
            Plain text; the figure comes from the run and the verdict from ``decide``.

        Returns
        -------
        Entry
        """
        entry = Entry(claim, figure, verdict, asks, setting, baseline, power)
        self.entries.append(entry)
        return entry

    def _repr_html_(self):
        rows = "".join(
            f'<tr><td>{number}</td><th scope="row">{escape(entry.claim)}</th>'
            f"<td><small>{escape(entry.figure)}</small></td><td>{escape(entry.verdict)}</td></tr>"
            for number, entry in enumerate(self.entries, start=1)
        )
        heads = "".join(
            f'<th scope="col">{head}</th>' for head in ("#", "claim", "this run", "verdict")
        )
        return f'<table class="ledger"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
