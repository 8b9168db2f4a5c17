"""The rules that a chapter keeps, each a function that yields its faults, one sentence each.

``python tools/chapter_rules.py`` lists the faults of every chapter; CONTRIBUTING.md says why the
rules are there, tests/chapters tests each of them on a bad sample and all of them on the book.
"""

import ast
import inspect
import re
import statistics
import sys
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ROOT / "chapters"
# Pages to look things up in, or for instructors: no lesson, so no self-checks and no limits.
STATIC = {"index", "assign", "glossary", "references", "api", "claims"}

WORDS = range(800, 2201)  # without self-checks and solutions
CELLS = 25  # visible code cells
MEDIAN_LINES = 3
FIRST_LINES = {"remove-cell": "# Checked at each build.", "hide-cell": "# Solution"}
LONG, LONGEST = 10, 16  # lines of a cell: seldom over the first, never over the second
SHARE_LONG = 0.2
COLUMNS = 88  # as many fit on the page beside the contents
CHECKS = EXERCISES = range(3, 6)


@dataclass
class Cell:
    """One piece of a chapter: code, or the Markdown between two code cells."""

    kind: str
    source: str
    line: int
    section: str = ""
    metadata: dict = field(default_factory=dict)

    @property
    def tags(self):
        return set(self.metadata.get("tags", ()))

    @property
    def visible(self):
        return not self.tags & {"remove-cell", "remove-input", "hide-cell", "hide-input"}


@dataclass
class Chapter:
    name: str
    front: dict
    cells: list

    @property
    def code(self):
        return [cell for cell in self.cells if cell.kind == "code"]

    @property
    def text(self):
        return [cell for cell in self.cells if cell.kind == "text"]

    @property
    def static(self):
        return self.name in STATIC

    def sections(self):
        """The cells of each second-level section, by its heading."""
        found = {}
        for cell in self.cells:
            found.setdefault(cell.section, []).append(cell)
        return found


def parse(text, name="sample"):
    """Read a MyST notebook into front matter and cells."""
    front, body, line = {}, text, 1
    if match := re.match(r"---\n(.*?)\n---\n", text, re.S):
        front, body = yaml.safe_load(match[1]), text[match.end() :]
        line += match[0].count("\n")
    cells, section, position = [], "", 0
    fence = re.compile(r"^(`{3,})\{code-cell\}[^\n]*\n(.*?)^\1[ ]*$", re.M | re.S)

    def add_text(start, end):
        nonlocal section
        # A Markdown cell ends where a section begins.
        first, block = start, body[start:end]
        cuts = [start + match.start() for match in re.finditer(r"^## ", _blank_fences(block), re.M)]
        for cut in [*cuts, end]:
            piece = body[first:cut]
            if heading := re.match(r"## +(.*)", piece):
                section = heading[1].strip()
            if piece.strip():
                cells.append(Cell("text", piece, line + body.count("\n", 0, first), section))
            first = cut

    for match in fence.finditer(body):
        add_text(position, match.start())
        metadata, source = _cell_metadata(match[2])
        at = line + body.count("\n", 0, match.start())
        cells.append(Cell("code", source.strip("\n"), at, section, metadata))
        position = match.end()
    add_text(position, len(body))
    return Chapter(name, front or {}, cells)


def _cell_metadata(content):
    if match := re.match(r"---\n(.*?)\n---\n", content, re.S):
        return yaml.safe_load(match[1]) or {}, content[match.end() :]
    if match := re.match(r"(?::[^\n]*\n)+", content):
        options = "\n".join(row[1:] for row in match[0].splitlines())
        return yaml.safe_load(options) or {}, content[match.end() :]
    return {}, content


def _blank_fences(text):
    """Replace fenced blocks by spaces, so that what is found elsewhere keeps its place."""
    return re.sub(
        r"^(`{3,}|~{3,}).*?^\1[ ]*$",
        lambda match: re.sub(r"[^\n]", " ", match[0]),
        text,
        flags=re.M | re.S,
    )


def read_all():
    """Every chapter, in the order of their names."""
    return [parse(path.read_text("utf-8"), path.stem) for path in sorted(CHAPTERS.glob("*.md"))]


@cache
def _tree(source):
    """The syntax tree of a cell; lines for IPython (magics, shell) are left out."""
    plain = "\n".join("" if re.match(r"\s*[%!]", line) else line for line in source.split("\n"))
    return ast.parse(plain)


def _nodes(cell, *kinds):
    return [node for node in ast.walk(_tree(cell.source)) if isinstance(node, kinds)]


# --- form -----------------------------------------------------------------------------------


def front_matter(chapter):
    """MyST front matter with a description; a kernel where there is code."""
    description = chapter.front.get("description")
    if not isinstance(description, str) or not 40 <= len(description) <= 300:
        yield "front matter: description must be a sentence of 40 to 300 characters"
    if chapter.code:
        jupytext = chapter.front.get("jupytext", {}).get("text_representation", {})
        if jupytext != {"extension": ".md", "format_name": "myst"}:
            yield "front matter: jupytext's text_representation must say .md and myst"
        if chapter.front.get("kernelspec", {}).get("name") != "python3":
            yield "front matter: kernelspec must name python3"


def title(chapter):
    """One first-level heading, and it comes first."""
    prose = _blank_fences("".join(cell.source for cell in chapter.text))
    if len(re.findall(r"^# ", prose, re.M)) != 1 or not prose.lstrip().startswith("# "):
        yield "one heading of the first level must stand at the top"


def first_cell(chapter):
    """At most three imports, and the book's style."""
    if not chapter.code:
        return
    first = chapter.code[0]
    imports = _nodes(first, ast.Import, ast.ImportFrom)
    limit = 4 if chapter.name == "index" else 3  # the landing page has this one cell only
    if len(imports) > limit:
        yield f"line {first.line}: {len(imports)} imports in the first cell; at most {limit}"
    draws = any("plt." in cell.source for cell in chapter.code)
    if draws and 'plt.style.use("rectified.style")' not in first.source:
        yield f'line {first.line}: the first cell must say plt.style.use("rectified.style")'


def imports(chapter):
    """Nothing is imported in a way that hides where it comes from."""
    for cell in chapter.code:
        for node in _nodes(cell, ast.Import, ast.ImportFrom):
            names = [alias.name for alias in node.names]
            if "*" in names:
                yield f"line {cell.line}: import *"
            if isinstance(node, ast.Import) and any(n.split(".")[0] == "rectified" for n in names):
                yield f"line {cell.line}: write from rectified import ..., rectified is a function"
            if "sys" in names:
                yield f"line {cell.line}: no chapter needs sys (or sys.path)"
        if re.search(r"\bsys\.path\b", cell.source):
            yield f"line {cell.line}: sys.path"
        if re.search(r"^\s*[%!]", cell.source, re.M):
            yield f"line {cell.line}: a magic or a shell command"
        if re.search(r"\bwarnings\.(simplefilter|filterwarnings)", cell.source):
            yield f"line {cell.line}: warnings are mended, not hidden"


def _defined(cell):
    """The functions and classes that a cell defines, by name."""
    found = {}
    for node in ast.walk(_tree(cell.source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            found.update({t.id: node.value for t in node.targets if isinstance(t, ast.Name)})
    return found


@cache
def package_names():
    """What the package and its experiments offer, by name."""
    import rectified

    names = {name: getattr(rectified, name) for name in rectified.__all__}
    modules = ["explorer", *(f"experiments.{p.stem}" for p in _experiments())]
    for module in modules:
        loaded = import_module(f"rectified.{module}")
        for name, value in vars(loaded).items():
            if not name.startswith("_") and getattr(value, "__module__", "") == loaded.__name__:
                names[name] = value
    return names


def _experiments():
    folder = ROOT / "code" / "rectified" / "experiments"
    return [path for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_")]


def _body(function):
    """A function's body as text, whatever its name and docstring: two copies are equal."""
    if isinstance(function, ast.Lambda):
        return ast.dump(function.args) + ast.dump(function.body)
    body = function.body[1:] if ast.get_docstring(function) else function.body
    arguments = ast.dump(function.args) if isinstance(function, ast.FunctionDef) else ""
    return arguments + "".join(map(ast.dump, body))


@cache
def _package_bodies():
    paths = (ROOT / "code" / "rectified").rglob("*.py")
    trees = (ast.parse(path.read_text("utf-8")) for path in paths)
    return {
        _body(node): node.name
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }


def redefinitions(chapter):
    """Nothing is written again that the package has, and no imported name gets a new meaning."""
    imported = set()
    for cell in chapter.code:
        for node in _nodes(cell, ast.ImportFrom):
            if (node.module or "").split(".")[0] == "rectified":
                imported |= {alias.asname or alias.name for alias in node.names}
        for name, node in _defined(cell).items():
            if name in package_names():
                yield f"line {cell.line}: {name} is in the package; import it"
            elif _body(node) in _package_bodies():
                yield f"line {cell.line}: {name} is {_package_bodies()[_body(node)]} of the package"
        for node in _tree(cell.source).body:
            targets = [n.id for n in ast.walk(node) if _stores(n) and n.id in imported]
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                for name in targets:
                    yield f"line {cell.line}: {name} was imported and is given another value"


def _stores(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def defined_twice(chapters):
    """No function stands in two places of the book."""
    seen_names, seen_bodies = {}, {}
    for chapter in chapters:
        for cell in chapter.code:
            for name, node in _defined(cell).items():
                here = f"{chapter.name}, line {cell.line}"
                if name in seen_names:
                    yield f"{here}: {name} is defined in {seen_names[name]} too"
                elif _body(node) in seen_bodies:
                    yield f"{here}: {name} has the body of {seen_bodies[_body(node)]}"
                seen_names.setdefault(name, here)
                seen_bodies.setdefault(_body(node), f"{name} in {here}")


# --- length ---------------------------------------------------------------------------------


def _without_details(text):
    return re.sub(r"<details>.*?</details>", "", text, flags=re.S)


def count_words(chapter):
    """Words of prose: no code, no self-checks, no solutions; a formula is one word."""
    total = 0
    for cell in chapter.text:
        if cell.section.startswith("Check yourself"):
            continue
        text = _without_details(_blank_fences(cell.source))
        text = re.sub(r"\$\$.*?\$\$|\$[^$]+\$", " formula ", text, flags=re.S)
        text = re.sub(r"\]\([^)]*\)|<[^>]+>", " ", text)
        total += sum(1 for word in text.split() if re.search(r"\w", word))
    return total


def length(chapter):
    """A chapter is read in one sitting; its cells are seen at one glance."""
    if chapter.static:
        return
    words = count_words(chapter)
    if words not in WORDS:
        yield f"{words} words; between {WORDS.start} and {WORDS.stop - 1} are allowed"
    sizes = {cell.line: _lines(cell) for cell in chapter.code if cell.visible}
    if len(sizes) > CELLS:
        yield f"{len(sizes)} visible code cells; at most {CELLS}"
    median = statistics.median(sizes.values()) if sizes else 0
    if median > MEDIAN_LINES:
        yield f"the median cell has {median} lines; at most {MEDIAN_LINES}"
    long = [line for line, size in sizes.items() if size > LONG]
    if len(long) > SHARE_LONG * len(sizes):
        yield f"{len(long)} of {len(sizes)} cells are longer than {LONG} lines: {long}"
    for line, size in sizes.items():
        if size > LONGEST:
            yield f"line {line}: a cell of {size} lines; at most {LONGEST}"


def width(chapter):
    """Code that is shown fits on the page."""
    for cell in chapter.code:
        widest = max(map(len, cell.source.splitlines()), default=0)
        if "remove-cell" not in cell.tags and widest > COLUMNS:
            yield f"line {cell.line}: {widest} columns of code; at most {COLUMNS}"


def _lines(cell):
    """Lines of code: blank ones and comments do not count."""
    return sum(1 for line in cell.source.splitlines() if line.strip()[:1] not in ("", "#"))


# --- hidden cells ---------------------------------------------------------------------------


def hidden_cells(chapter):
    """Assertions and solutions stay out of the reader's way, on the page and in JupyterLab."""
    for cell in chapter.code:
        jupyter = cell.metadata.get("jupyter") or {}
        if _nodes(cell, ast.Assert) and "remove-cell" not in cell.tags:
            yield f"line {cell.line}: a cell with assertions must be tagged remove-cell"
        if "remove-cell" in cell.tags:
            if jupyter.get("source_hidden") is not True:
                yield f"line {cell.line}: remove-cell needs jupyter: {{source_hidden: true}}"
            if not _nodes(cell, ast.Assert):
                yield f"line {cell.line}: a hidden cell that asserts nothing"
        if "hide-cell" in cell.tags and not (
            jupyter.get("source_hidden") is True and jupyter.get("outputs_hidden") is True
        ):
            yield f"line {cell.line}: hide-cell needs source_hidden and outputs_hidden"
        # JupyterLab shows the first line of a folded cell: it must not tell the answer.
        first = cell.source.partition("\n")[0]
        for tag, wanted in FIRST_LINES.items():
            if tag in cell.tags and first != wanted:
                yield f"line {cell.line}: the first line of {tag} is to be {wanted!r}"


def timings(chapter):
    """A cell that reads a clock is marked, so that two builds can be compared without it."""
    for cell in chapter.code:
        calls = {ast.unparse(node.func) for node in _nodes(cell, ast.Call)}
        if calls & {"time.time", "time.perf_counter", "perf_counter", "timeit.timeit"}:
            if "timing" not in cell.tags:
                yield f"line {cell.line}: a cell that measures time must be tagged timing"


# --- figures --------------------------------------------------------------------------------

DRAWS = {"subplots", "figure", "plot", "imshow", "hist", "contourf", "scatter", "Figure"}


def _draws(cell):
    """Whether running the cell draws a figure, outside of the functions that it defines."""
    for statement in _tree(cell.source).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {
                f"plt.{name}" for name in DRAWS
            } | {"Figure"}:
                return True
    return False


def alt_texts(chapter):
    """Every figure says in words what it shows; an explorer's own sentence does that for it."""
    seen = {}
    for cell in chapter.code:
        alt = ((cell.metadata.get("mystnb") or {}).get("image") or {}).get("alt")
        if alt is None:
            if _draws(cell) and not re.search(r"^explore\(", cell.source, re.M):
                yield f"line {cell.line}: a figure without alt text"
            continue
        words = str(alt).split()
        if len(words) < 8 or re.match(r"(?i)(a |the )?(figure|image|picture|plot)\b", str(alt)):
            yield f"line {cell.line}: alt text must say what is seen, in eight words or more"
        if alt in seen:
            yield f"line {cell.line}: the alt text of line {seen[alt]} again"
        seen[alt] = cell.line


def explorers(chapter):
    """Each chapter has a picture that answers to the hand."""
    if not chapter.static and not any(
        ast.unparse(node.func) == "explore"
        for cell in chapter.code
        for node in _nodes(cell, ast.Call)
    ):
        yield "no explorer"


# --- questions ------------------------------------------------------------------------------


def _section_text(chapter, heading):
    cells = [cell for cell in chapter.text if cell.section.startswith(heading)]
    return "\n".join(cell.source for cell in cells)


def _questions(text):
    """The numbered questions of a section: each from its number to the next."""
    starts = [match.start() for match in re.finditer(r"^(?:\*\*\d+\.|#{3} |\d+\. )", text, re.M)]
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def self_checks(chapter):
    """Three to five questions; each answer to choose says first whether it is right."""
    if chapter.static:
        return
    questions = _questions(_section_text(chapter, "Check yourself"))
    if len(questions) not in CHECKS:
        yield f"{len(questions)} questions under Check yourself; 3 to 5 are wanted"
    for number, question in enumerate(questions, 1):
        answers = re.findall(r"<details>\s*<summary>.*?</summary>(.*?)</details>", question, re.S)
        verdicts = [re.match(r"\s*\W*(Yes|No)\b", answer) for answer in answers]
        if len(answers) < 2:
            yield f"question {number}: {len(answers)} answers to choose from; at least 2"
        elif not all(verdicts):
            yield f"question {number}: each feedback must begin with Yes or No"
        elif sum(verdict[1] == "Yes" for verdict in verdicts) != 1:
            yield f"question {number}: exactly one answer must be right"


def exercises(chapter):
    """Three to five exercises, each with a solution that is shown when asked for."""
    if chapter.static:
        return
    text = _section_text(chapter, "Exercises")
    tasks, solutions = _questions(_without_details(text)), text.count("<details>")
    for cell in chapter.code:
        solutions += cell.section.startswith("Exercises") and "hide-cell" in cell.tags
    if len(tasks) not in EXERCISES:
        yield f"{len(tasks)} exercises; 3 to 5 are wanted"
    if solutions < len(tasks):
        yield f"{len(tasks)} exercises, {solutions} solutions in <details> or a hide-cell"


def details(chapter):
    """HTML that every viewer of notebooks renders: blank lines inside, a plain summary."""
    for cell in chapter.text:
        text = _blank_fences(cell.source)
        if text.count("<details>") != text.count("</details>"):
            yield f"line {cell.line}: <details> is not closed before the next cell"
        for summary in re.findall(r"<summary>(.*?)</summary>", text, re.S):
            if "$" in summary or "`" in summary:
                yield f"line {cell.line}: a summary shows $ and ` as they are: {summary}"
        if re.search(r"</summary>\n(?!\n)", text) or re.search(r"(?<!\n)\n</details>", text):
            yield f"line {cell.line}: a blank line is needed after </summary> and before </details>"


def further_reading(chapter):
    """At least three items, each with a citation that resolves."""
    known = set(
        re.findall(r"^@\w+\{([^,]+),", (CHAPTERS / "references.bib").read_text("utf-8"), re.M)
    )
    for cell in chapter.text:
        for keys in re.findall(r"\{cite:\w+\}`([^`]+)`", cell.source):
            for key in keys.split(","):
                if key.strip() not in known:
                    yield f"line {cell.line}: {key.strip()} is not in references.bib"
    if not chapter.static:
        items = re.findall(r"^[-*] (.*)", _section_text(chapter, "Further reading"), re.M)
        if len(items) < 3 or not all("{cite:" in item for item in items):
            yield "Further reading needs at least three items, each with a citation"


# --- language -------------------------------------------------------------------------------

AMERICAN = re.compile(
    r"\b\w*(?:nitializ|ormaliz|entered\W+around|ptimiz|eneraliz|ummariz|inimiz|aximiz)\w*"
    r"|\b(?:colors?|centers?|centered|behaviors?|gray|favor\w*|neighbor\w*|labeled)\b",
    re.I,
)


def plain_prose(text):
    """Prose alone: no code, formulas, addresses, citations' keys, HTML or headings."""
    text = _blank_fences(text)
    text = re.sub(r"\$\$.*?\$\$", _blank, text, flags=re.S)
    text = re.sub(r"\$[^$\n]+(?:\n[^$\n]+)?\$", _blank, text)
    text = re.sub(r"(`+)[^`].*?\1", _blank, text, flags=re.S)
    text = re.sub(r"(?<=\])\([^)]*\)", _blank, text)
    text = re.sub(r"<!--.*?-->|<[^>]+>", _blank, text, flags=re.S)
    return re.sub(r"^#+ .*$", _blank, text, flags=re.M)


def _blank(match):
    return re.sub(r"[^\n]", " ", match[0])


def spelling(chapter):
    """British spelling in the prose (names in code keep their own)."""
    for cell in chapter.text:
        for match in AMERICAN.finditer(plain_prose(cell.source)):
            line = cell.line + cell.source.count("\n", 0, match.start())
            yield f"line {line}: British spelling, not {match[0]}"


# --- numbers --------------------------------------------------------------------------------
#
# A number in prose must be the value of something that the section's code says: of a literal (in an
# assertion, or in the code that sets the conditions), of a number in the experiment that the
# section calls, or it must lie in a range that an assertion states. What stands before the first
# section may speak of the whole chapter. What is exempt, and why:
#
#   0 and 1                  definitions, and the slopes of ReLU
#   headings, formulas, code are no prose
#   list numbers, ordinals   "1.", "2nd", and digits that belong to a name: float32, layer 2
#   ½, ¼, ⅓ …                are words, as "half" is
#   years                    after "in", "since", a month or a bracket: 1941, (2015)
#   quoted numbers           in a sentence with a citation or a link to another site
#   Check yourself, Exercises    their numbers are given to the reader to work with
#   facts of the digits      1,797 images of 8 by 8 pixels and so on, asserted in tests/package

FREE_SECTIONS = ("Check yourself", "Exercises", "Homework")
VULGAR = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3, "⅛": 0.125, "⅙": 1 / 6, "⅕": 0.2}
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
DECIMAL = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.\d+|\d+"
NUMBER = re.compile(
    rf"(?P<fraction>(?<![\w.,/])\d+/\d+(?![\w/]))"
    rf"|(?P<decimal>(?<![\w.])(?:{DECIMAL}))(?P<exponent>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)?"
    rf"(?P<vulgar>[{''.join(VULGAR)}])?(?P<percent>\s?%)?(?![\w]|\.\d|,\d)"
    rf"|(?P<alone>[{''.join(VULGAR)}])"
)
# What is counted with a number, rather than measured by it.
LISTED = r"(?:[Ll]ayers?|[Rr]ows?|[Cc]laims?|[Ss]eeds?|[Qq]uestions?)(?: \d+(?:,? and| to|,))*"
NAMED = rf"Python|NumPy|version|CIFAR-?|BY|{LISTED}"
YEAR_BEFORE = re.compile(
    r"(?:\b(?:in|since|of|by|from|until|before|after|and|January|February|March|April|May|June|July"
    r"|August|September|October|November|December)\s|[(,]\s?)$"
)


@dataclass(frozen=True)
class Number:
    """A number in prose: what it looks like, the values that it may stand for, where it is."""

    text: str
    values: tuple
    line: int
    decimals: int = 0


def prose_numbers(cell):
    """The numbers of a Markdown cell that need evidence."""
    prose = plain_prose(cell.source)
    for start, sentence in _sentences(cell.source, prose):
        original = cell.source[start : start + len(sentence)]
        if "{cite:" in original or re.search(r"\]\(https?://", original):
            continue
        for match in NUMBER.finditer(sentence):
            if not _exempt(match, sentence):
                values = _values(match, sentence[match.end() :])
                if not match["alone"] and not set(values) <= {0.0, 1.0}:
                    line = cell.line + cell.source.count("\n", 0, start + match.start())
                    decimals = len((match["decimal"] or "").partition(".")[2])
                    yield Number(match[0].strip(), values, line, decimals)


def _sentences(source, prose):
    """Sentences, list items and rows of tables, with their places; blanks do not move them."""
    starts = [0]
    # A sentence ends at a full stop before a capital, an item or a row at its line's end.
    for match in re.finditer(
        r"(?<=[.!?:])[*_)\"]*\s+(?=[A-Z*_\[(`$>])|\n\s*\n|\n(?=[-|>*] ?)", source
    ):
        starts.append(match.end())
    for start, end in zip(starts, [*starts[1:], len(source)], strict=True):
        yield start, prose[start:end]


def _exempt(match, sentence):
    before, after = sentence[: match.start()], sentence[match.end() :]
    if re.search(r"(?:^|\n)[\s>]*\**$", before) and re.match(r"[.)]\s?", after):
        return True  # the number of a list's item or of a question
    if re.search(rf"\b(?:{NAMED})\s?$", before):
        return True
    year = re.fullmatch(r"(?:19|20)\d\d", match[0].strip())
    return bool(year and YEAR_BEFORE.search(before))


# The 40 of "between 40 and 60 %" is a percentage too.
THEN_PERCENT = re.compile(rf"(?:\s?(?:and|to|or|,|–|-)\s?(?:{DECIMAL}))+\s?%")


def _values(match, after):
    if match["fraction"]:
        over, under = map(float, match["fraction"].split("/"))
        return (over / under,) if under else (over,)
    if match["alone"]:
        return ()
    value = float(match["decimal"].replace(",", ""))
    if match["exponent"]:
        value **= float(match["exponent"].translate(SUPERSCRIPTS))
    if match["vulgar"]:
        value += VULGAR[match["vulgar"]]
    percent = match["percent"] or THEN_PERCENT.match(after)
    return (value, value / 100) if percent else (value,)


@dataclass
class Evidence:
    """What the code of a section says: single values, and ranges that an assertion demands."""

    values: set = field(default_factory=set)
    ranges: list = field(default_factory=list)

    def holds(self, number):
        return any(self._holds(value, number.decimals) for value in number.values)

    def _holds(self, value, decimals):
        if any(abs(value - known) <= 1e-9 * max(1, abs(value)) for known in self.values):
            return True
        # 0.441 may stand for 1 - (1 - 2**-4)**9, but 5 not for 4.6.
        if decimals >= 2 and any(round(known, decimals) == value for known in self.values):
            return True
        # A range speaks for the numbers in it only if it is not so wide that all are.
        return any(low <= value <= high and high - low <= abs(value) for low, high in self.ranges)


def evidence(cells):
    """Collect what the code of these cells says."""
    found = Evidence()
    for cell in cells:
        if cell.kind == "code":
            tree = _tree(cell.source)
            found.values |= _constants(tree) | _conditions(tree)
            for node in ast.walk(tree):
                if isinstance(node, ast.Assert):
                    found.ranges += _ranges(node)
    return found


def _constant(node):
    """The value of a number, or of arithmetic on numbers, else None."""
    if isinstance(node, ast.Constant):
        kind = type(node.value)
        return float(node.value) if kind in (int, float) else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _constant(node.operand)
        return None if value is None else -value
    if isinstance(node, ast.BinOp):
        left, right = _constant(node.left), _constant(node.right)
        if left is None or right is None:
            return None
        try:
            code = compile(ast.Expression(node), "", "eval")
            return float(eval(code, {"__builtins__": {}}))
        except (ArithmeticError, TypeError, ValueError):
            return None
    return None


def _constants(tree):
    found = {_constant(node) for node in ast.walk(tree) if isinstance(node, ast.expr)} - {None}
    return found | {abs(value) for value in found}


def _conditions(tree):
    """Numbers of the package's functions that are called: the conditions of an experiment."""
    found = set()
    for node in ast.walk(tree):
        name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if inspect.isfunction(package_names().get(name)):
            found |= _numbers_of(package_names()[name])
    return found


@cache
def _numbers_of(function):
    """The defaults of a function and, of an experiment, the numbers in its code and its module."""
    parameters = inspect.signature(function).parameters.values()
    found = {float(value) for parameter in parameters for value in _flat(parameter.default)}
    if function.__module__.startswith("rectified.experiments"):
        module = ast.parse(inspect.getsource(sys.modules[function.__module__]))
        functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
        waiting, done = [function.__name__], set()
        while waiting:
            name = waiting.pop()
            if name in functions and name not in done:
                done.add(name)
                found |= _constants(functions[name])
                waiting += [n.id for n in ast.walk(functions[name]) if isinstance(n, ast.Name)]
        for node in module.body:
            if isinstance(node, ast.Assign):
                found |= _constants(node)
    return found


def _flat(value):
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield value
    elif isinstance(value, range):
        yield len(value)
        yield from (value.start, value.stop)
    elif isinstance(value, tuple | list):
        yield len(value)
        for item in value:
            yield from _flat(item)
    elif isinstance(value, dict):
        yield from _flat(list(value.values()))


def _ranges(assertion):
    """The ranges that an assertion demands, as 0.4 < x < 0.6 or abs(x - 0.5) < 0.1."""
    lows, highs = {}, {}
    for node in ast.walk(assertion):
        if not isinstance(node, ast.Compare):
            continue
        ends = [node.left, *node.comparators]
        for left, op, right in zip(ends, node.ops, ends[1:], strict=False):
            if isinstance(op, ast.Gt | ast.GtE):
                left, right = right, left
            elif not isinstance(op, ast.Lt | ast.LtE):
                continue
            if (low := _constant(left)) is not None:
                lows[ast.unparse(right)] = low
            elif (high := _constant(right)) is not None:
                highs[ast.unparse(left)] = high
                if middle := re.fullmatch(r"(?:np\.)?abs\((.*) - ([\d.]+)\)", ast.unparse(left)):
                    yield float(middle[2]) - high, float(middle[2]) + high
    for expression in lows.keys() & highs.keys():
        yield lows[expression], highs[expression]


@cache
def data_facts():
    """Numbers of the digits: samples, parts of the split, pixels, grey levels, classes."""
    from rectified import load_digits, split_digits

    digits, split = load_digits(), split_digits()
    return {
        float(value)
        for value in (
            *digits.pixels.shape,
            digits.pixels.shape[1] ** 0.5,
            digits.pixels.max(),
            len(split.x_train),
            len(split.x_test),
            digits.labels.max() + 1,
        )
    }


def numbers(chapter):
    """Numbers in prose are guarded by the code of their section."""
    if chapter.static and chapter.name != "claims":
        return
    for heading, cells in chapter.sections().items():
        if heading.startswith(FREE_SECTIONS):
            continue
        known = evidence(cells if heading else chapter.cells)
        known.values |= data_facts()
        for cell in cells:
            if cell.kind == "text":
                for number in prose_numbers(cell):
                    if not known.holds(number):
                        yield (
                            f"line {number.line}: nothing in the code of its section says"
                            f" {number.text} ({heading or 'before the first section'})"
                        )


RULES = [
    front_matter,
    title,
    first_cell,
    imports,
    redefinitions,
    length,
    width,
    hidden_cells,
    timings,
    alt_texts,
    explorers,
    self_checks,
    exercises,
    details,
    further_reading,
    spelling,
    numbers,
]


def main():
    chapters = read_all()
    faults = [
        f"{chapter.name}: {fault}"
        for chapter in chapters
        for rule in RULES
        for fault in rule(chapter)
    ]
    faults += defined_twice(chapters)
    print("\n".join(faults) or "Every chapter keeps the rules.")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
