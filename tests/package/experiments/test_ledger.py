"""The ledger: verdicts by one rule, and rows that say how a claim was tested."""

import pytest

from rectified.experiments.ledger import UNFOLDED, Ledger, decide

TOLD = {"holds": "less", "setting": "one <number>", "baseline": "none", "power": "any"}


@pytest.mark.parametrize(
    ("cases", "verdict"),
    [
        ({"a": True}, "true"),
        ({"a": True, "b": True}, "true"),
        ({"a": False, "b": True, "c": False}, "half true"),
        ({"a": False, "b": False}, "false"),
        ({}, "cannot be told here"),
    ],
)
def test_a_verdict_follows_from_the_cases(cases, verdict):
    assert decide(cases) == verdict


def settled(ledger, claim="a < b"):
    return ledger.settle(claim, "1 & 2", {"here": True, "at b & c": False}, **TOLD)


def test_a_row_says_all_and_escapes_it():
    ledger = Ledger()
    entry = settled(ledger)
    assert entry.test == "Setting: one <number>. Against: none. Would have shown: any."
    html = entry._repr_html_()
    assert 'data-verdict="half true"' in html and "one &lt;number&gt;" in html
    assert "1 &amp; 2" in html and "It holds if less. Here: yes; at b &amp; c: no." in html
    table = ledger._repr_html_()
    assert table.count("<tr>") == 2 and "a &lt; b" in table and 'scope="row"' in table


@pytest.mark.parametrize("held", [True, False])
def test_missing_words_are_shown_where_the_run_says_half_true(held):
    ledger = Ledger()
    cases = {"here": True, "there": held}
    entry = ledger.settle("claim", "1", cases, **TOLD, missing="if a < b")
    assert ("Missing words: if a < b." in str(entry)) != held
    assert ("<p>if a &lt; b</p>" in entry._repr_html_()) != held
    assert ("<td>if a &lt; b</td>" in ledger._repr_html_()) != held


def test_small_print_is_folded_once_the_reader_knows_its_form():
    ledger = Ledger()
    rows = [settled(ledger)._repr_html_() for _ in range(UNFOLDED + 1)]
    assert ["<details>" in row for row in rows] == UNFOLDED * [False] + [True]


@pytest.mark.parametrize("missing", TOLD)
def test_what_is_tested_says_how(missing):
    with pytest.raises(ValueError, match="setting, baseline and power"):
        Ledger().settle("claim", "figure", {"here": True}, **TOLD | {missing: ""})


def test_what_is_not_tested_has_no_empty_forms():
    entry = Ledger().settle("claim", "none", {})
    assert "Against" not in str(entry) and "Against" not in entry._repr_html_()
    assert entry.verdict == "cannot be told here"
