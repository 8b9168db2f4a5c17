"""The ledger: verdicts by conditions, and rows that say how a claim was tested."""

import pytest

from rectified.experiments.ledger import Ledger, decide


@pytest.mark.parametrize(
    ("true", "half_true", "verdict"),
    [
        (True, True, "true"),
        (True, False, "true"),
        (False, True, "half true"),
        (False, False, "false"),
        (None, False, "cannot be told here"),
        (None, True, "cannot be told here"),
    ],
)
def test_a_verdict_follows_from_its_conditions(true, half_true, verdict):
    assert decide(true, half_true) == verdict


def settled(ledger, claim="a < b"):
    told = {"asks": "True asks", "setting": "one <number>", "baseline": "none", "power": "any"}
    return ledger.settle(claim, "1 & 2", decide(True), **told)


def test_a_row_says_all_and_escapes_it():
    ledger = Ledger()
    entry = settled(ledger)
    assert entry.test == "Setting: one <number>. Against: none. Would have shown: any."
    html = entry._repr_html_()
    assert 'data-verdict="true"' in html and "one &lt;number&gt;" in html and "1 &amp; 2" in html
    assert "true. True asks." in html
    table = ledger._repr_html_()
    assert table.count("<tr>") == 2 and "a &lt; b" in table and 'scope="row"' in table


def test_condition_setting_baseline_and_power_are_not_optional():
    with pytest.raises(TypeError):
        Ledger().settle("claim", "figure", "true")
