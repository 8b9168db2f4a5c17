"""`make bench`: help is help, one part is one part, and a word that is none is an error."""

import sys

import pytest

from tools.bench import __main__ as bench


@pytest.mark.parametrize("words", [[], ["--help"], ["help"]])
def test_help_runs_nothing(words, capsys, monkeypatch):
    monkeypatch.setattr(bench, "import_module", lambda name: pytest.fail(f"{name} was run"))
    assert bench.main(words) == 0
    said = capsys.readouterr().out
    assert all(part in said for part in bench.PARTS)


def test_an_unknown_word_is_an_error_and_a_part_runs_alone(monkeypatch):
    ran = []
    monkeypatch.setattr(sys, "argv", ["bench"])
    part = type("Part", (), {"main": staticmethod(lambda: ran.append(sys.argv[1:]))})
    monkeypatch.setattr(bench, "import_module", lambda name: ran.append(name) or part)
    assert "no part 'x'" in bench.main(["x"]) and not ran
    assert bench.main(["page", "--runs", "0"]) == 0
    assert ran == ["tools.bench.page", ["--runs", "0"]]
