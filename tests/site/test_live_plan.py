"""What a run on the page needs first: cells of small pages, run in an order of the reader's own."""

import importlib.util
import json

import jupytext
import pytest

from tools.book.inputs import ROOT


class Page:
    """Cells and the page's Python, here in CPython; runs a cell as the page does."""

    def __init__(self, *codes):
        path = ROOT / "tools" / "book" / "live" / "kernel.py"
        spec = importlib.util.spec_from_file_location("kernel", path)
        self.kernel = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.kernel)
        self.heard = []
        self.kernel.emit = lambda kind, **data: self.heard.append((kind, data))
        self.cells = [{"code": code, "ran": 0, "changed": 0} for code in codes]
        self.clock = 0

    def plan(self, cell):
        return json.loads(self.kernel.plan(json.dumps(self.cells), cell))

    def run(self, *cells):
        """Run cells one after the other; return which ran for the last one."""
        for cell in cells:
            planned = self.plan(cell)
            anew = False
            for number in planned:
                each = self.cells[number]
                self.clock += 1
                assert self.kernel.run(each["code"], f"cell {number}", number), self.heard[-1]
                anew |= each.get("last") != each["code"]
                each |= {"ran": self.clock, "last": each["code"]}
                if anew:
                    each["changed"] = self.clock
        return planned

    def edit(self, cell, code):
        self.cells[cell] |= {"code": code, "ran": 0}

    def value(self, name):
        return self.kernel.NAMESPACE[name]


def test_a_name_bound_again_meanwhile_is_made_again():
    page = Page("z = 1", "y = z", "z = 'two'", "w = z + '!'")
    assert page.run(3) == [2, 3]
    assert page.run(1) == [0, 1]
    assert page.run(3) == [2, 3]
    assert page.run(3) == [3]
    assert page.value("w") == "two!"


def test_what_runs_on_the_way_may_take_a_name_from_a_fresh_cell():
    page = Page("z, n = 1, 10", "z = [5]", "m = z[0] + n")
    page.run(1)
    assert page.run(2) == [0, 1, 2]  # the first cell comes along for `n`, and sets `z`
    assert page.value("m") == 15


def test_an_object_that_a_later_cell_has_changed_is_made_again():
    page = Page("x = [1]", "x.append(2)", "first = len(x)", "x.append(3)", "last = len(x)")
    page.run(4)
    assert page.value("last") == 3
    assert page.run(2) == [0, 1, 2]
    assert page.value("first") == 2
    page.run(3)
    assert page.run(3) == [0, 1, 3]  # it would change what it has changed itself
    assert page.value("x") == [1, 2, 3]


def test_a_function_takes_its_names_when_it_is_called():
    page = Page("z = 1", "def f(): return z", "z = 2", "a = f()", "z = 3", "b = f()")
    assert page.run(5) == [0, 1, 4, 5]
    assert page.run(3) == [2, 3]
    assert page.value("a") == 2


def test_the_same_import_twice_is_one():
    page = Page("import math", "a = math.pi", "import math", "from math import pi as a")
    page.run(1, 2, 3)
    assert page.run(1) == [1]


def test_entries_of_a_dictionary_stand_side_by_side():
    page = Page(
        "runs = {'a': 1}", "runs['b'] = 2", "a = runs['a']", "runs['c'] = 3", "n = len(runs)"
    )
    assert page.run(3) == [0, 3]
    assert page.run(4) == [1, 4]
    assert page.value("n") == 3
    assert page.run(2) == [2]
    page.edit(1, "runs['b'] = 4")
    assert page.run(3) == [3]
    assert page.run(2) == [1, 2]


def test_a_claim_needs_no_other_claim():
    ledger = "class Ledger(list):\n    settle = list.append\nledger = Ledger()"
    page = Page(
        ledger, "ledger.settle(1)", "ledger.settle(2)", "ledger.settle(3)", "n = len(ledger)"
    )
    assert page.run(3) == [0, 3]
    assert page.run(4) == [1, 2, 4]


def test_a_cell_that_failed_has_made_nothing():
    page = Page("z = 1", "y = z", "z = 2 / 0")
    page.run(1)
    with pytest.raises(AssertionError):
        page.run(2)
    assert page.run(1) == [0, 1]


def test_an_answer_keeps_its_names_and_may_change_an_object():
    page = Page("x = [1]", "z = 1", "y = z + len(x)")
    page.run(2)
    page.kernel.run("z = 'mine'", "your answer", 9, "[]")
    assert page.run(2) == [2]
    page.kernel.run("x.append(2)", "your answer", 9, "[]")
    assert page.run(2) == [0, 2]
    assert page.value("y") == 2


@pytest.mark.parametrize(
    ("source", "order"),
    [
        ("derivative", (9, 10)),
        ("derivative", (9, 6)),
        ("derivative", (14, 9)),
        ("training", (19, 5, 19)),
        ("dead-neurons", (8, 2, 8)),
        ("strengths", (5, 3, 5)),
        ("zero-centering", (13, 8)),
    ],
)
def test_published_cells_in_any_order_take_what_the_page_gives_them(source, order):
    """By the plan alone, without running: each name is then from the cells that the page says."""
    cells = jupytext.read(ROOT / "chapters" / f"{source}.md").cells
    cells = [cell for cell in cells if cell.cell_type == "code"]
    shown = [
        n for n, cell in enumerate(cells) if "remove-cell" not in cell.metadata.get("tags", [])
    ]
    page = Page(*(cell.source for cell in cells))
    trees = [page.kernel.parsed(each["code"]) for each in page.cells]
    known = (frozenset(page.kernel.changing_functions(trees)),)
    known += (frozenset(page.kernel.dictionaries(trees)),)
    found = [page.kernel.names(each["code"], *known) for each in page.cells]
    now = page.kernel.History()
    for number in order:
        for each in page.plan(shown[number - 1]):
            for name, makers in page.kernel.sources(found, each).items():
                assert not makers or now.fits(name, makers, found), (number, each, name)
                assert not makers or name in now.makers, (number, each, name)
            now.add(each, found[each])
            page.kernel.LOG.append((each, page.cells[each]["code"], None, True))
            page.clock += 1
            page.cells[each]["ran"] = page.clock
