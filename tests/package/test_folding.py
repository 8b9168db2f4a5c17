"""The result of an exercise: folded in a notebook, plain on the page, where the cell is folded."""

from rectified import folding
from rectified.folding import folded


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
