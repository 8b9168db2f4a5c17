"""Runs a page's cells in the browser, one namespace for all, and hands out what they show.

The worker loads this file into Pyodide. It does what IPython does for a notebook, as far as the
chapters need it: streams, the last expression's value, figures as the build draws them, tracebacks
that name the cell and its line. `emit` is the worker's: it sends one message to the page. IPython
itself, with what it needs, would be four megabytes more to load before the first output, and knows
nothing of which cells need which.
"""

import ast
import builtins
import collections
import contextlib
import functools
import importlib.machinery
import io
import json
import linecache
import os
import pprint
import sys
import traceback
import types
from html import escape

MAIN = types.ModuleType("__main__")
NAMESPACE = MAIN.__dict__
EXPLORERS = {}
ANSWERS = {}
#: What has run, in its order: cell, code, the names of an answer's own, and whether it went well.
LOG = []


def begin(send):
    """Set up the stand-ins and the streams; `send` takes one text of JSON."""
    global emit
    emit = lambda kind, **data: send(json.dumps({"type": kind, **data}))  # noqa: E731
    os.environ.update(MPLBACKEND="agg", MPLCONFIGDIR="/tmp/matplotlib")
    sys.modules["__main__"] = MAIN
    stand_in()
    if sys.platform == "emscripten":
        quicken()
    sys.stdout, sys.stderr = Stream("stdout"), Stream("stderr")
    from matplotlib import pyplot

    pyplot.show = lambda *args, **options: show_figures()


class Stream(io.TextIOBase):
    """A stream to the page: each write is seen at once, even while the cell goes on."""

    def __init__(self, name):
        self.name = name

    def write(self, text):
        if text:
            emit("stream", name=self.name, text=text)
        return len(text)

    def writable(self):
        return True


def stand_in():
    """Put small modules in the place of IPython and Pygments, which are large and of no use here.

    `rectified.folding` asks the one whether this is a notebook (it is not: the page folds), and the
    other for colours, which the page has.
    """
    ipython, display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    ipython.get_ipython, ipython.version_info = lambda: None, (9, 0)  # Matplotlib asks for it
    display.display = ipython.display = lambda *values, **options: [show(each) for each in values]
    ipython.__path__ = []
    pygments = types.ModuleType("pygments")
    pygments.__path__ = []
    pygments.highlight = lambda text, *_: (
        f'<div class="highlight"><pre>{escape(text)}\n</pre></div>'
    )
    formatters, lexers = types.ModuleType("formatters"), types.ModuleType("lexers")
    formatters.HtmlFormatter = lexers.PythonLexer = lambda **options: None
    sys.modules |= {
        "IPython": ipython,
        "IPython.display": display,
        "pygments": pygments,
        "pygments.formatters": formatters,
        "pygments.lexers": lexers,
    }


def quicken():
    """Have ``a @ b`` computed in a quicker way, in the cells and in the package.

    NumPy has no linear algebra library in the browser, and goes through ``b`` column by column.
    ``einsum`` goes row by row: the same sums in the same order, so the same bits, in a third of the
    time and less.
    """
    import numpy as np

    floats = (np.dtype(np.float32), np.dtype(np.float64))

    def product(a, b):
        if (
            type(a) is type(b) is np.ndarray
            and a.dtype is b.dtype
            and a.dtype in floats
            and a.ndim > 1 < b.ndim
            and a.shape[-1] == b.shape[-2]
            and b.shape[-1] > 15
        ):
            return np.einsum("...ij,...jk->...ik", a, np.ascontiguousarray(b))
        return a @ b

    builtins.__product__ = product
    plain = importlib.machinery.SourceFileLoader.source_to_code

    def source_to_code(self, data, path, *rest, **options):
        tree = Products().visit(ast.parse(data, path)) if "/rectified/" in path else data
        return plain(self, tree, path, *rest, **options)

    importlib.machinery.SourceFileLoader.source_to_code = source_to_code


class Products(ast.NodeTransformer):
    """Writes ``__product__(a, b)`` in the place of ``a @ b``, which stays what the reader sees."""

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if not isinstance(node.op, ast.MatMult):
            return node
        name = ast.Name("__product__", ast.Load())
        call = ast.Call(name, [node.left, node.right], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))


def run(code, place, cell, wanted=None):
    """Run one cell, called `place` in messages; return whether it ended without an error.

    An answer to an exercise has names of its own: those of the page, without the `wanted` ones (a
    solution may have run), and nothing that it defines reaches another cell.
    """
    global current
    current = cell
    scope = NAMESPACE
    if wanted is not None:
        wanted = json.loads(wanted)
        scope = {name: value for name, value in NAMESPACE.items() if name not in wanted}
        ANSWERS[cell] = scope, code
    linecache.cache[place] = (len(code), None, code.splitlines(keepends=True), place)
    try:
        tree = ast.parse(code, place)
        if hasattr(builtins, "__product__"):
            tree = Products().visit(tree)
        last = tree.body.pop() if shows_value(tree, code) else None
        exec(compile(tree, place, "exec", dont_inherit=True), scope)
        if last:
            show(eval(compile(ast.Expression(last.value), place, "eval"), scope))
        show_figures()
    except BaseException as error:
        LOG.append((cell, code, wanted, False))
        emit("error", text=message(error))
        close_figures()
        return False
    LOG.append((cell, code, wanted, True))
    return True


def shows_value(tree, code):
    """Whether a cell ends in an expression, and no semicolon after it."""
    return tree.body and isinstance(tree.body[-1], ast.Expr) and not code.rstrip().endswith(";")


def message(error):
    """Return a traceback as Python prints it, without the frames of this file and of the parser."""
    own, trace = (run.__code__.co_filename, ast.__file__), error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename in own:
        trace = trace.tb_next
    last = trace
    while last and last.tb_next:
        if last.tb_next.tb_frame.f_code.co_filename in own:  # `product`, which nobody has written
            last.tb_next = None
        else:
            last = last.tb_next
    return "".join(traceback.format_exception(type(error), error, trace)).rstrip()


def show(value):
    """Show a value under the cell in the form that suits the page best."""
    if value is None:
        return
    NAMESPACE["_"] = value
    if type(value).__name__ == "Explorer" and hasattr(value, "picture"):
        EXPLORERS[current] = value
        html, sentence = value.picture(f"live{current}")
        emit("explorer", html=html, sentence=sentence, **describe(value))
    elif type(value).__name__ == "Figure" and hasattr(value, "savefig"):
        show_figure(value)
    elif hasattr(value, "_repr_html_"):
        emit("html", html=value._repr_html_())
    else:
        emit("text", text=plain(value))


def plain(value):
    """Return the text of a value; long containers are broken into lines, as in a notebook."""
    text = repr(value)
    containers = (dict, list, tuple, set)
    if len(text) > 79 and type(value) in containers:
        text = pprint.pformat(value, width=80, sort_dicts=False)
    return text


def show_figures():
    """Show the figures that a cell has left open, and close them."""
    if "matplotlib.pyplot" in sys.modules:
        from matplotlib import pyplot

        try:
            for number in pyplot.get_fignums():
                show_figure(pyplot.figure(number))
        finally:
            pyplot.close("all")


def close_figures():
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


count = 0


def show_figure(figure):
    """Send a figure as the build writes it: cut to its ink, in the page's own colours."""
    global count
    from rectified import svg

    count += 1
    file = io.BytesIO()
    nothing = dict.fromkeys(["Creator", "Date", "Format", "Type"])
    figure.savefig(
        file,
        format="svg",
        bbox_inches="tight",
        facecolor="none",
        edgecolor="none",
        metadata=nothing,
    )
    names = {}
    name = lambda identifier: names.setdefault(identifier, f"g{count}-{len(names)}")  # noqa: E731
    drawing = svg.read(file.getvalue().decode(), name)
    emit("figure", html=svg.write(drawing, " role=img class=figure"))


def describe(explorer):
    """Return what the page needs for an explorer's controls."""
    controls = [
        {"name": name, "values": list(values), "default": at, "played": name == explorer.played}
        for (name, values), at in zip(explorer.parameters.items(), explorer.default, strict=True)
    ]
    from rectified.explorer import STYLE

    return {"controls": controls, "label": explorer.label, "style": STYLE}


def draw(cell, values):
    """Draw an explorer at any values, given as a text of JSON; return picture and sentence."""
    explorer = EXPLORERS[cell]
    try:
        html, sentence = explorer.picture(f"live{cell}", tuple(json.loads(values)))
    except Exception as error:
        return json.dumps({"error": str(error)})
    finally:
        close_figures()
    return json.dumps({"html": html, "sentence": sentence})


def plan(cells, target):
    """Return the numbers of the cells to run for one cell: what it needs and is stale, then itself.

    `cells` is a text of JSON, for each cell its code, when it ran as it stands (0: never), and when
    a run last changed what it leaves behind. So a slow cell that nobody asked for is left alone.
    """
    cells = json.loads(cells)
    codes = [cell["code"] for cell in cells]
    every = [parsed(code) for code in dict.fromkeys([*codes, *(code for _, code, *_ in LOG)])]
    known = frozenset(changing_functions(every)), frozenset(dictionaries(every))
    found = [names(code, *known) for code in codes]
    needs, todo = {}, [target]
    while todo:
        cell = todo.pop()
        if cell not in needs:
            needs[cell] = set().union(*sources(found, cell).values())
            todo += needs[cell]
    stale = set()
    for cell in sorted(needs):
        ran = cells[cell]["ran"]
        older = (each in stale or cells[each]["changed"] > ran for each in needs[cell])
        if cell == target or not ran or any(older):
            stale.add(cell)
    now = History()
    for cell, code, wanted, well in LOG:
        now.add(cell if well else None, names(code, *known), wanted)
    while more := displaced(found, stale, now):
        stale |= more
    return json.dumps(sorted(stale))


def displaced(found, order, now):
    """Return cells that have to run again, since a name no longer holds what they have made.

    A cell further down, or one that runs on the way, may have bound the same name, or changed the
    object. `order` are the cells that are to run, `now` is who has made what there is before.
    """
    now = now.copy()
    for cell in sorted(order):
        for name, makers in sources(found, cell).items():
            if makers and not now.fits(name, makers, found):
                if more := set(makers) - order:
                    return more
        now.add(cell, found[cell])
    return set()


class History:
    """For each name who bound it last, and who has changed it since."""

    def __init__(self, makers=(), additions=()):
        self.makers, self.additions = dict(makers), dict(additions)

    def copy(self):
        return History(self.makers, self.additions)

    def add(self, cell, found, wanted=None):
        """Note what a cell has done; what an answer binds is its own, and `wanted` too."""
        own = set() if wanted is None else found.bound | set(wanted)
        if wanted is None:
            for name in found.bound:
                self.makers[name] = [found.imported.get(name, cell)]
                self.additions[name] = set()
        for name in found.changed - found.bound - own:
            self.makers[name] = [*self.makers.get(name, []), cell]
        for name in found.added - found.bound - own:
            self.additions[name] = self.additions.get(name, set()) | {cell}

    def fits(self, name, makers, found):
        """Whether these cells made what a name holds; nothing is known of what was never made."""
        made = lambda cell: name in found[cell].bound | found[cell].changed  # noqa: E731
        wanted = [cell for cell in sorted(makers) if made(cell)]
        wanted = [found[cell].imported.get(name, cell) for cell in wanted]
        added = {cell for cell in makers if not made(cell)}
        return name not in self.makers or (
            self.makers[name] == wanted and added <= self.additions[name]
        )


def check(cell, check):
    """Run a chapter's check, given as a text of JSON, on the answer of a cell; return the verdict.

    The check has a copy of the answer's names, so that it may be run again.
    """
    scope, answer = ANSWERS[cell]
    check = json.loads(check)
    if answer.strip() == check["stub"]:
        return verdict("Put your answer in the place of the three dots.")
    for name in check["wanted"]:
        if scope.get(name, ...) is ...:
            return verdict(f"There is no {name} yet.")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(check["code"], "the check", "exec"), dict(scope))
    except AssertionError as error:
        return verdict(str(error) or "It does not do what the exercise asks.")
    except Exception as error:
        nothing = " Perhaps a function returns nothing." if "NoneType" in str(error) else ""
        return verdict(f"{type(error).__name__}: {error}.{nothing}")
    finally:
        close_figures()
    return json.dumps({"right": True, "text": "The check finds nothing wrong."})


def verdict(text):
    return json.dumps({"right": False, "text": text})


def sources(found, cell):
    """Return for each name that a cell takes the cells from which it has it.

    A function looks up its own names when it is called; so they are the caller's too.
    """
    known, todo = {}, [*found[cell].used, *found[cell].added]
    while todo:
        name = todo.pop()
        if name not in known:
            light = name in found[cell].added - found[cell].used
            known[name] = list(origins(name, found, cell, light))
            if known[name]:
                todo += found[known[name][-1]].functions.get(name, ())
    return known


def origins(name, found, cell, light=False):
    """Yield the cells from which a cell has a name: who bound it last, and who changed it since.

    A cell that only adds to it (`light`) does not look at what others have added.
    """
    for earlier in range(cell - 1, -1, -1):
        other = found[earlier]
        if name in other.bound | other.changed or (name in other.added and not light):
            yield earlier
        if name in other.bound:
            return


def where(cells, name):
    """Return the numbers of the cells that bind a name, as a text of JSON."""
    found = [names(code) for code in json.loads(cells)]
    return json.dumps([at for at, cell in enumerate(found) if name in cell.bound])


@functools.cache
def names(code, changers=frozenset(), dictionaries=frozenset()):
    return Names(parsed(code), changers, dictionaries)


@functools.cache
def parsed(code):
    """Return the statements of a cell; none if it is no Python."""
    try:
        return ast.parse(code).body
    except SyntaxError:
        return []


FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
COMPREHENSION = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
#: Functions of the package that change what they are given first.
CHANGERS = {"train", "reset_others", "wake_dormant"}
#: Methods that add to an object, and do not look at what is in it: a claim goes into the ledger.
ADDERS = {"settle"}


class Names:
    """The names that a cell binds, those whose objects it may change, and those it takes."""

    def __init__(self, statements, changers, dictionaries):
        self.bound, self.changed, self.used, self.added = set(), set(), set(), set()
        self.changers, self.dictionaries = changers, dictionaries
        self.imported, self.functions = {}, {}  # what a name is, and what a function looks up
        self.follow(statements)
        self.added -= self.bound

    def follow(self, statements):
        """Go through statements in the order in which they run."""
        for each in statements:
            if isinstance(each, ast.For):
                self.take(each.iter)
                self.bound |= stored(each.target)
            elif isinstance(each, ast.With):
                for item in each.items:
                    self.take(item.context_expr)
                    self.bound |= stored(item.optional_vars)
            elif isinstance(each, ast.If | ast.While):
                self.take(each.test)
            elif not isinstance(each, ast.Try):
                self.take(each)
                self.bound |= stored(each)
                self.define(each)
                continue
            if isinstance(each, ast.If):  # bound for certain is what both ways bind
                before, self.bound = self.bound, set(self.bound)
                self.follow(each.body)
                one, self.bound = self.bound, set(before)
                self.follow(each.orelse)
                self.bound &= one
            else:
                self.follow(each.body)
                for handler in getattr(each, "handlers", []):
                    self.follow(handler.body)
                self.follow(getattr(each, "orelse", []))
                self.follow(getattr(each, "finalbody", []))

    def take(self, node):
        added = collections.Counter(additions(node, self.dictionaries))
        touched = collections.Counter(changes(node, self.changers))
        touched = set(touched - added)
        reads = collections.Counter(read(node))
        reads.subtract(added)
        self.changed |= touched
        self.added |= set(added) - self.bound
        self.used |= ({name for name, times in reads.items() if times > 0} | touched) - self.bound

    def define(self, node):
        """Remember what an import and a function stand for."""
        for name in stored(node):
            self.imported.pop(name, None)
            self.functions.pop(name, None)
        if isinstance(node, ast.Import | ast.ImportFrom):
            for each in node.names:
                name = each.asname or each.name.partition(".")[0]
                self.imported[name] = f"{getattr(node, 'module', '')}: {each.name}"
        elif isinstance(node, ast.FunctionDef):
            self.functions[node.name] = frozenset(read(node))


def read(node, own=frozenset()):
    """Yield the names that code looks up outside; `own` are those of the scopes it stands in."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in own:
        yield node.id
    inside = own
    first = []
    if isinstance(node, FUNCTION):
        arguments = node.args
        first = [*arguments.defaults, *arguments.kw_defaults, *getattr(node, "decorator_list", [])]
        inside = own | {each.arg for each in ast.walk(arguments) if isinstance(each, ast.arg)}
        body = node.body if isinstance(node.body, list) else [node.body]
        inside = inside.union(*map(stored, body))
        rest = body
    elif isinstance(node, COMPREHENSION):
        first = [node.generators[0].iter]
        inside = own.union(*(stored(each.target) for each in node.generators))
        rest = ast.iter_child_nodes(node)
    else:
        rest = ast.iter_child_nodes(node)
    for each in filter(None, first):
        yield from read(each, own)
    for each in rest:
        if each not in first:
            yield from read(each, inside)


def stored(node):
    """Return the names that a statement binds, not those inside functions and comprehensions."""
    found, todo = set(), [node] if node else []
    while todo:
        each = todo.pop()
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(each.name)
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            found.add(each.id)
        elif isinstance(each, ast.alias):
            found.add(each.asname or each.name.partition(".")[0])
        elif not isinstance(each, ast.Lambda | COMPREHENSION):
            todo += ast.iter_child_nodes(each)
    return found


def changing_functions(trees):
    """Return the names of functions that change their first argument, the page's own among them."""
    own = [each for tree in trees for each in tree if isinstance(each, ast.FunctionDef)]
    own = {each.name: each for each in own if each.args.args}
    found, before = set(CHANGERS) - set(own), None
    while found != before:  # a function may change its own by calling another one
        before = set(found)
        for name, function in own.items():
            if function.args.args[0].arg in {n for s in function.body for n in changes(s, found)}:
                found.add(name)
    return found


def changes(node, changers):
    """Yield the names whose objects code may change: ``x[0] = 1``, ``x += 1``, ``x.sort()``."""
    if isinstance(node, FUNCTION | ast.ClassDef | ast.Assert):
        return
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield from base(node)
    if isinstance(node, ast.AugAssign):
        yield from base(node.target)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        method = node.value.func
        # ``np.maximum(a, b)`` changes nothing in NumPy, ``plt.style.use(…)`` something in pyplot.
        if isinstance(method, ast.Attribute):
            inner = method.value
            if not (isinstance(inner, ast.Name) and inner.id in ("np", "plt")):
                yield from base(method)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
        if node.func.id in changers:
            yield from base(node.args[0])
    for child in ast.iter_child_nodes(node):
        yield from changes(child, changers)


def dictionaries(trees):
    """Return the names that nowhere stand for anything but a dictionary."""
    found, others = set(), set()
    for node in (each for tree in trees for statement in tree for each in ast.walk(statement)):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = zip(target.elts, node.value.elts, strict=False)
                for name, value in pairs:
                    kind = found if isinstance(value, ast.Dict | ast.DictComp) else others
                    kind |= stored(name)
    return found - others


def additions(node, dictionaries):
    """Yield the names of objects to which code only adds: ``ledger.settle(…)``, ``runs["a"] = …``.

    To set an entry of a dictionary is no change for a cell that looks at the others.
    """
    if isinstance(node, FUNCTION | ast.ClassDef):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        method = node.value.func
        if isinstance(method, ast.Attribute) and method.attr in ADDERS:
            yield from base(method)
    if isinstance(node, ast.Assign):
        for target in node.targets:
            for each in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(each, ast.Subscript) and isinstance(each.value, ast.Name):
                    if each.value.id in dictionaries:
                        yield each.value.id
    for child in ast.iter_child_nodes(node):
        yield from additions(child, dictionaries)


def base(node):
    """Return the name at the root of ``name.attribute[index]``, if there is one."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return [node.id] if isinstance(node, ast.Name) else []
