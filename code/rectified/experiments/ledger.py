"""The ledger of claims: what one reads, what this run gave, what follows by one rule.

Chapter: claims.
"""

import html
from dataclasses import dataclass, field
from textwrap import fill

__all__ = ["Entry", "Ledger", "decide"]

NOT_TESTED = "cannot be told here"
HEADS = "#", "claim", "verdict", "words that it lacks"
UNFOLDED = 3  # so many rows show their small print; the reader knows its form by then


def _escape(text):
    """Text for a page, with each percent sign glued to its number."""
    return html.escape(text).replace(" %", "\N{NO-BREAK SPACE}%")


def decide(cases):
    """Turn the cases in which a claim was tried into its verdict: the one rule of the ledger.

    Parameters
    ----------
    cases : dict of str to bool
        By case, whether the claim held there.

    Returns
    -------
    str
        "true" if it held in all, "false" if in none, "half true" if in some, and "cannot be told
        here" if there is no case.

    Examples
    --------
    >>> decide({"two layers": 3 > 2, "six layers": 2 > 3})
    'half true'
    """
    if not cases:
        return NOT_TESTED
    return "true" if all(cases.values()) else "half true" if any(cases.values()) else "false"


@dataclass(frozen=True)
class Entry:
    """One row of the ledger, in plain text.

    Attributes
    ----------
    claim : str
        The claim, as it is usually stated.
    figure : str
        What this run gave.
    cases : dict of str to bool
        Where it was tried, and whether it held there.
    holds : str
        In words, what it means for the claim to hold in a case; follows on "if".
    setting, baseline, power : str
        On what it was tested, against what, and how small an effect would have shown; empty where
        no run is about the claim.
    missing : str
        The words that the claim lacks if it is half true.
    number : int
        Its place in the ledger.
    """

    claim: str
    figure: str
    cases: dict
    holds: str
    setting: str
    baseline: str
    power: str
    missing: str = ""
    number: int = 1

    @property
    def verdict(self):
        """The verdict, one of the four words of ``decide``."""
        return decide(self.cases)

    @property
    def lacks(self):
        """The missing words, where the verdict of this run is that there are some."""
        return self.missing if self.verdict == "half true" else ""

    @property
    def reason(self):
        """What was asked, and what came out in each case."""
        told = "; ".join(f"{case}: {'yes' if held else 'no'}" for case, held in self.cases.items())
        return f"It holds if {self.holds}. {told[:1].upper()}{told[1:]}."

    @property
    def test(self):
        """Setting, baseline and power, those that there are."""
        parts = {
            "Setting": self.setting,
            "Against": self.baseline,
            "Would have shown": self.power,
        }
        return " ".join(f"{name}: {text}." for name, text in parts.items() if text)

    def __str__(self):
        lines = [f"This run: {self.figure}.", f"Verdict: {self.verdict}."]
        lines += [self.reason] if self.cases else []
        lines += [f"Missing words: {self.lacks}."] if self.lacks else []
        lines += [self.test] if self.cases else []
        return "\n".join(fill(line, 78) for line in lines)

    def _repr_html_(self):
        small = f"<p><small>{_escape(self.test)}</small></p>"
        if self.number > UNFOLDED:
            small = f"<details><summary>How it was tested</summary>{small}</details>"
        asked = (
            "<p><b>Which words are missing?</b> Think of them, then open.</p>"
            f"<details><summary>The missing words</summary><p>{_escape(self.lacks)}</p></details>"
        )
        asked = asked if self.lacks else ""
        told = f" {_escape(self.reason)}</p>\n{asked}{small}" if self.cases else "</p>"
        return (
            f'<div class="entry" data-verdict="{_escape(self.verdict)}">'
            f"<p><b>This run:</b> {_escape(self.figure)}.</p>"
            f"<p><b>Verdict:</b> {_escape(self.verdict)}.{told}</div>"
        )


@dataclass
class Ledger:
    """A table that fills as claims are settled, and shows itself in a notebook.

    It holds the verdicts and missing words only; what each rests on stands with its claim.

    Attributes
    ----------
    entries : list of Entry

    Examples
    --------
    >>> ledger = Ledger()
    >>> entry = ledger.settle(
    ...     "ReLU is never negative", f"smallest output {max(0, -3)}",
    ...     {"at -3": max(0, -3) >= 0}, "no output is below 0",
    ...     setting="one number", baseline="the identity, -3", power="any negative output")
    >>> print(entry)
    This run: smallest output 0.
    Verdict: true.
    It holds if no output is below 0. At -3: yes.
    Setting: one number. Against: the identity, -3. Would have shown: any negative
    output.
    """

    entries: list = field(default_factory=list)

    def settle(
        self, claim, figure, cases, holds="", *, setting="", baseline="", power="", missing=""
    ):
        """Add a row and return it.

        Parameters
        ----------
        claim, figure, holds, setting, baseline, power, missing : str
            Plain text; the figure comes from the run, and the missing words are shown only if
            by this run the claim is half true.
        cases : dict of str to bool
            From the run too; empty if no run is about the claim.

        Returns
        -------
        Entry

        Raises
        ------
        ValueError
            If there are cases, and something is missing of what makes a test.
        """
        if cases and not all([holds, setting, baseline, power]):
            raise ValueError("a claim that is tested says what holds, setting, baseline and power")
        number = len(self.entries) + 1
        entry = Entry(claim, figure, cases, holds, setting, baseline, power, missing, number)
        self.entries.append(entry)
        return entry

    def _repr_html_(self):
        rows = "".join(
            f'<tr><td>{entry.number}</td><th scope="row">{_escape(entry.claim)}</th>'
            f"<td>{_escape(entry.verdict)}</td><td>{_escape(entry.lacks)}</td></tr>"
            for entry in self.entries
        )
        heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
        return f'<table class="ledger"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
