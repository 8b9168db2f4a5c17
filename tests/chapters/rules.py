"""What a chapter keeps so that it works on the page, in JupyterLab and in Binder.

Each rule yields its faults, one sentence each. What the build or the tests of the pages see anyway
(links, citations, alt texts, code that is too wide) is not looked at here. Of taste there is one
rule: prose keeps to British spelling.
"""

import ast
import os
import re
import symtable
from functools import cached_property
from pathlib import Path

import jupytext

ROOT = Path(__file__).resolve().parents[2]
#: For a process that runs cells: the package, and the file that runs those of a page.
PATH = os.pathsep.join(["code", "tools/book/live"])
FIRST_LINES = {"remove-cell": "# Checked at each build.", "hide-cell": "# Solution"}
AMERICAN = re.compile(
    r"\b\w*(?:nitializ|ormaliz|entered\W+around|ptimiz|eneraliz|ummariz|inimiz|aximiz)\w*"
    r"|\b(?:colors?|centers?|centered|behaviors?|gray|favor\w*|neighbor\w*|labeled)\b",
    re.I,
)


class Chapter:
    """A chapter's cells, each with its number; ``prose`` is its Markdown without code blocks."""

    def __init__(self, text, name="sample"):
        self.name = name
        self.cells = list(enumerate(jupytext.reads(text, "md:myst").cells, 1))
        self.code = [(at, cell) for at, cell in self.cells if cell.cell_type == "code"]
        markdown = [cell.source for _, cell in self.cells if cell.cell_type == "markdown"]
        self.prose = re.sub(r"^(`{3,}).*?^\1[ ]*$", "", "\n\n".join(markdown), flags=re.M | re.S)

    @cached_property
    def trees(self):
        """(number of the cell, its syntax tree)."""
        return [(at, ast.parse(re.sub(r"^\s*[%!].*", "", cell.source, flags=re.M)))
                for at, cell in self.code]  # fmt: skip

    def nodes(self, *kinds):
        return [
            (at, each)
            for at, tree in self.trees
            for each in ast.walk(tree)
            if isinstance(each, kinds)
        ]

    def section(self, heading):
        """The Markdown of a second-level section."""
        match = re.search(rf"^## {heading}.*?(?=^## |\Z)", self.prose, re.M | re.S)
        return match[0] if match else ""


def read_all():
    paths = [ROOT / "index.md", *sorted((ROOT / "chapters").glob("*.md"))]
    return [Chapter(path.read_text("utf-8"), path.stem) for path in paths]


def imports(chapter):
    """Nothing is imported or switched on in a way that hides where it comes from."""
    for at, node in chapter.nodes(ast.Import, ast.ImportFrom):
        names = [alias.name for alias in node.names]
        if "*" in names:
            yield f"cell {at}: import *"
        if isinstance(node, ast.Import) and any(
            name.split(".")[0] == "rectified" for name in names
        ):
            yield f"cell {at}: write from rectified import ..."
        if "sys" in names:
            yield f"cell {at}: no chapter needs sys (or sys.path)"
    for at, cell in chapter.code:
        if re.search(r"^\s*[%!]", cell.source, re.M):
            yield f"cell {at}: a magic or a shell command"
        if re.search(r"\bwarnings\.(simplefilter|filterwarnings)", cell.source):
            yield f"cell {at}: warnings are mended, not hidden"
    draws = any("plt." in cell.source for _, cell in chapter.code)
    if draws and 'plt.style.use("rectified.style")' not in chapter.code[0][1].source:
        yield 'the first cell must say plt.style.use("rectified.style")'


def names(chapter):
    """No name imported from the package gets another meaning: an explorer still uses it."""
    imported = {
        alias.asname or alias.name
        for _, node in chapter.nodes(ast.ImportFrom)
        if (node.module or "").split(".")[0] == "rectified"
        for alias in node.names
    }
    for at, tree in chapter.trees:
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                given = {node.name}
            else:
                stored = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
                given = {each.id for each in stored if isinstance(each.ctx, ast.Store)}
            for name in sorted(given & imported):
                yield f"cell {at}: {name} was imported and is given another value"


def outside_names(node):
    """The global names that a function, or a lambda, looks up when it is called."""
    found, tables = set(), symtable.symtable(ast.unparse(node), "cell", "exec").get_children()
    while tables:
        table = tables.pop()
        found |= {each.get_name() for each in table.get_symbols() if each.is_global()}
        tables += table.get_children()
    return found


class Given(ast.NodeVisitor):
    """The names to which a statement gives a value, outside functions and comprehensions."""

    def __init__(self, statement):
        self.names = set()
        self.visit(statement)

    def visit_Name(self, node):
        if not isinstance(node.ctx, ast.Load):
            self.names.add(node.id)

    def visit_FunctionDef(self, node):
        self.names.add(node.name)

    def skip(self, node):
        pass

    visit_ClassDef = visit_FunctionDef
    visit_Lambda = visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = skip


def names_of(drawing, before):
    """All names that an explorer's drawing needs, through the functions of the cells before."""
    needed = set()
    wanted = {each.id for each in ast.walk(drawing) if isinstance(each, ast.Name)}
    while wanted:
        name = wanted.pop()
        needed.add(name)
        for statement in reversed(before):
            if name in Given(statement).names:
                inside = (ast.FunctionDef, ast.ClassDef, ast.Lambda)
                for each in ast.walk(statement):
                    if isinstance(each, inside):
                        wanted |= outside_names(each) - needed
                break
    return needed


def explorers(chapter):
    """Nothing that an explorer draws with is given another value by a later cell.

    On the page all frames are drawn at once; in JupyterLab, after "Run All", each is drawn anew.
    """
    statements = [(at, each) for at, tree in chapter.trees for each in tree.body]
    for place, (at, statement) in enumerate(statements):
        for call in ast.walk(statement):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "explore":
                before = [each for _, each in statements[: place + 1]]
                needed = names_of(call.args[0], before)
                for later, each in statements[place + 1 :]:
                    for name in sorted(Given(each).names & needed):
                        yield f"cell {later}: {name} is used by the explorer of cell {at}"


def tags(cell):
    return cell.metadata.get("tags", [])


def hidden_cells(chapter):
    """Assertions and solutions stay out of the reader's way, on the page and in JupyterLab."""
    for at, cell in chapter.code:
        jupyter = cell.metadata.get("jupyter", {})
        asserts = any(number == at for number, _ in chapter.nodes(ast.Assert))
        if asserts and "remove-cell" not in tags(cell):
            yield f"cell {at}: a cell with assertions must be tagged remove-cell"
        if "remove-cell" in tags(cell) and not asserts:
            yield f"cell {at}: a hidden cell that asserts nothing"
        if "remove-cell" in tags(cell) and not jupyter.get("source_hidden"):
            yield f"cell {at}: remove-cell needs jupyter: {{source_hidden: true}}"
        if "hide-cell" in tags(cell) and not (
            jupyter.get("source_hidden") and jupyter.get("outputs_hidden")
        ):
            yield f"cell {at}: hide-cell needs source_hidden and outputs_hidden"
        # JupyterLab shows the first line of a folded cell: it must not tell the answer.
        for tag, wanted in FIRST_LINES.items():
            if tag in tags(cell) and cell.source.partition("\n")[0] != wanted:
                yield f"cell {at}: the first line of {tag} is to be {wanted!r}"


def widths(chapter):
    """Code that stands open fits beside the contents; folded code may scroll once it is opened."""
    for at, cell in chapter.code:
        if not {"hide-input", "hide-cell", "remove-cell", "remove-input"} & set(tags(cell)):
            for line in cell.source.splitlines():
                if len(line) > 88:
                    yield f"cell {at}: wider than 88 columns: {line}"


def timings(chapter):
    """A cell that reads a clock is marked, so that two builds can be compared without it."""
    timed = {at for at, node in chapter.nodes(ast.Call) if "perf_counter" in ast.unparse(node.func)}
    for at, cell in chapter.code:
        if at in timed and "timing" not in tags(cell):
            yield f"cell {at}: a cell that measures time must be tagged timing"


def self_checks(chapter):
    """Each answer to choose says first whether it is right, and one is."""
    questions = re.split(r"^\*\*\d+\.", chapter.section("Check yourself"), flags=re.M)[1:]
    for number, question in enumerate(questions, 1):
        answers = re.findall(r"<details>\s*<summary>.*?</summary>(.*?)</details>", question, re.S)
        verdicts = [re.match(r"\s*\W*(Yes|No)\b", answer) for answer in answers]
        if not answers or not all(verdicts):
            yield f"question {number}: each feedback must begin with Yes or No"
        elif sum(verdict[1] == "Yes" for verdict in verdicts) != 1:
            yield f"question {number}: exactly one answer must be right"


def details(chapter):
    """HTML that every viewer of notebooks renders: blank lines inside, a plain summary."""
    for at, cell in chapter.cells:
        text = re.sub(r"^(`{3,}).*?^\1[ ]*$", "", cell.source, flags=re.M | re.S)
        if cell.cell_type == "code" or "<details" not in text:
            continue
        for summary in re.findall(r"<summary>(.*?)</summary>", text, re.S):
            if "$" in summary or "`" in summary:
                yield f"cell {at}: a summary shows $ and ` as they are: {summary}"
        if re.search(r"</summary>\n(?!\n)", text) or re.search(r"(?<!\n)\n</details>", text):
            yield f"cell {at}: a blank line is needed after </summary> and before </details>"


def reach(chapter):
    """A page whose verdicts come from trained networks says for which settings they stand."""
    imported = {alias.name for _, node in chapter.nodes(ast.ImportFrom) for alias in node.names}
    imported -= {"train_on_moons"}  # the first page's picture, which compares nothing
    trains = any(re.match(r"train|compare_|stream$|learn_", name) for name in imported)
    settled_one_by_one = "Ledger" in imported  # each claim names its own setting
    said = re.search(r"^\*\*How far this reaches\.\*\* \w", chapter.prose, re.M)
    if trains and not settled_one_by_one and not said:
        yield "networks are trained, and no line **How far this reaches.** lists their settings"


def spelling(chapter):
    """British spelling in the prose; names in code keep their own."""
    prose = re.sub(
        r"\$\$.*?\$\$|(`+)[^`].*?\1|(?<=\])\([^)]*\)|<[^>]+>", " ", chapter.prose, flags=re.S
    )
    for match in AMERICAN.finditer(re.sub(r"^#+ .*$", "", prose, flags=re.M)):
        yield f"British spelling, not {match[0]}"


RULES = [
    imports,
    names,
    explorers,
    hidden_cells,
    widths,
    timings,
    self_checks,
    details,
    reach,
    spelling,
]
