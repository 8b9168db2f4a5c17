"""The result of an exercise: folded in a notebook, plain on the page, where the cell is folded."""

from rectified import folding
from rectified.folding import folded, show_source
from rectified.network import MLP


def test_a_notebook_shows_it_after_a_click(monkeypatch, capsys):
    monkeypatch.delenv("RECTIFIED_STATIC", raising=False)
    monkeypatch.setattr(folding, "get_ipython", object)
    shown = []
    monkeypatch.setattr(folding, "display", lambda data, raw: shown.append(data))
    with folded("Answer"):
        print("a < b")
    assert capsys.readouterr().out == ""
    html = "<details><summary>Answer</summary><pre>a &lt; b\n</pre></details>"
    assert shown[0]["text/html"] == html
    assert "a < b" not in shown[0]["text/plain"]


def test_the_page_prints_it(monkeypatch, capsys):
    monkeypatch.setenv("RECTIFIED_STATIC", "1")
    monkeypatch.setattr(folding, "get_ipython", object)
    with folded():
        print("a < b")
    assert capsys.readouterr().out == "a < b\n"


def test_source_is_shown_without_the_reference_that_stands_above_it():
    shown = show_source(MLP.forward, MLP)
    first, second = shown.text.split("\n\nclass MLP")
    assert first.startswith("def forward(self") and first.count('"""') == 2
    assert "Parameters" not in shown.text and "Examples" not in shown.text
    assert second.count('"""') == 2 * (1 + second.count("def ") - second.count("def __init__"))
    compile(shown.text, "shown", "exec")
    assert "MLP" in shown._repr_html_()
