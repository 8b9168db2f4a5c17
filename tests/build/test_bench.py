"""`make bench`: help is help, one part is one part, and a word that is none is an error."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tools.bench import __main__ as bench
from tools.bench import search
from tools.book.inputs import ROOT


@pytest.mark.parametrize("words", [[], ["--help"], ["help"], ["all", "--help"]])
def test_help_runs_nothing(words, capsys, monkeypatch):
    monkeypatch.setattr(bench, "import_module", lambda name: pytest.fail(f"{name} was run"))
    assert bench.main(words) == 0
    said = capsys.readouterr().out
    assert all(part in said for part in bench.PARTS)


@pytest.mark.parametrize("part", bench.PARTS)
def test_help_of_a_part_is_help_and_measures_nothing(part):
    command = [sys.executable, "-m", "tools.bench", part, "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "usage:" in done.stdout and "--help" in done.stdout


def test_an_unknown_word_is_an_error_and_a_part_runs_alone(monkeypatch):
    ran = []
    monkeypatch.setattr(sys, "argv", ["bench"])
    part = type("Part", (), {"main": staticmethod(lambda: ran.append(sys.argv[1:]))})
    monkeypatch.setattr(bench, "import_module", lambda name: ran.append(name) or part)
    assert "no part 'x'" in bench.main(["x"]) and not ran
    assert bench.main(["page", "--runs", "0"]) == 0
    assert ran == ["tools.bench.page", ["--runs", "0"]]


def test_a_search_names_settings_that_are_behind(monkeypatch, capsys):
    def run(rate, seed):
        return -abs(rate - 0.3)

    rows = [("good", run, {"rate": [0.1, 0.3]}, {"rate": 0.3}, 0.005)]
    rows += [("bad", run, {"rate": [0.1, 0.3]}, {"rate": 0.1}, 0.005)]
    monkeypatch.setattr(search, "contestants", lambda: {"toy": rows})
    monkeypatch.setattr(search, "ProcessPoolExecutor", ThreadPoolExecutor)
    monkeypatch.setattr(sys, "argv", ["search", "toy"])
    assert search.main() == ["bad"]
    assert "used {'rate': 0.1}, behind by 0.2000" in capsys.readouterr().out


def test_a_search_knows_every_setting_of_its_chapters():
    for rows in search.contestants().values():
        for what, _, grid, used, _ in rows:
            assert set(used) == set(grid), what
            assert all(used[name] in values for name, values in grid.items()), what
