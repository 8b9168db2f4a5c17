"""Runs a page's cells in the browser, one namespace for all, and hands out what they show.

The worker loads this file into Pyodide. It does what IPython does for a notebook, as far as the
chapters need it: streams, the last expression's value, figures as the build draws them, tracebacks
that name the cell and its line. `emit` is the worker's: it sends one message to the page.
"""

import ast
import builtins
import contextlib
import io
import json
import linecache
import os
import pprint
import symtable
import sys
import traceback
import types
from html import escape

MAIN = types.ModuleType("__main__")
NAMESPACE = MAIN.__dict__
EXPLORERS = {}


def begin(send):
    """Set up the stand-ins and the streams; `send` takes one text of JSON."""
    global emit
    emit = lambda kind, **data: send(json.dumps({"type": kind, **data}))  # noqa: E731
    os.environ.update(MPLBACKEND="agg", MPLCONFIGDIR="/tmp/matplotlib")
    sys.modules["__main__"] = MAIN
    stand_in()
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


def run(code, place, cell):
    """Run one cell, called `place` in messages; return whether it ended without an error."""
    global current
    current = cell
    linecache.cache[place] = (len(code), None, code.splitlines(keepends=True), place)
    try:
        tree = ast.parse(code, place)
        last = tree.body.pop() if shows_value(tree, code) else None
        exec(compile(tree, place, "exec", dont_inherit=True), NAMESPACE)
        if last:
            show(eval(compile(ast.Expression(last.value), place, "eval"), NAMESPACE))
        show_figures()
    except BaseException as error:
        emit("error", text=message(error))
        close_figures()
        return False
    return True


def shows_value(tree, code):
    """Whether a cell ends in an expression, and no semicolon after it."""
    return tree.body and isinstance(tree.body[-1], ast.Expr) and not code.rstrip().endswith(";")


def message(error):
    """Return a traceback as Python prints it, without the frames of this file."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename == run.__code__.co_filename:
        trace = trace.tb_next
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
    found = [names(cell["code"]) for cell in cells]
    needs, todo = {}, [target]
    while todo:
        cell = todo.pop()
        if cell not in needs:
            needs[cell] = {each for name in found[cell][2] for each in origins(name, found, cell)}
            todo += needs[cell]
    stale = set()
    for cell in sorted(needs):
        ran = cells[cell]["ran"]
        older = (each in stale or cells[each]["changed"] > ran for each in needs[cell])
        if cell == target or not ran or any(older):
            stale.add(cell)
    return json.dumps(sorted(stale))


def check(answer, check, wanted):
    """Run a chapter's check on an answer, in a copy of the names; return what it says.

    The names that an answer has to define are taken away first: a solution may have run.
    """
    scope = {name: value for name, value in NAMESPACE.items() if name not in json.loads(wanted)}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(answer, "your answer", "exec"), scope)
        for name in json.loads(wanted):
            if name not in scope:
                return json.dumps({"right": False, "text": f"There is no {name} yet."})
        exec(compile(check, "the check", "exec"), scope)
    except AssertionError as error:
        text = str(error) or "It does not do what the exercise asks."
        return json.dumps({"right": False, "text": text})
    except Exception as error:
        return json.dumps({"right": False, "text": f"{type(error).__name__}: {error}"})
    finally:
        close_figures()
    return json.dumps({"right": True, "text": "The check finds nothing wrong."})


def origins(name, found, cell):
    """Yield the cells from which a cell has a name: who bound it last, and who changed it since."""
    for earlier in range(cell - 1, -1, -1):
        bound, changed, _ = found[earlier]
        if name in bound | changed:
            yield earlier
        if name in bound:
            return


def names(code):
    """Return the names that a cell binds, those whose objects it may change, and those it takes."""
    bound, changed, used = set(), set(), set()
    try:
        statements = ast.parse(code).body
    except SyntaxError:
        return bound, changed, used
    for statement in statements:
        table = symtable.symtable(ast.unparse(statement), "cell", "exec")
        touched = set(changes(statement))
        used |= (taken(table) | touched) - bound
        changed |= touched
        bound |= {
            each.get_name()
            for each in table.get_symbols()
            if each.is_assigned() or each.is_imported()
        }
    return bound, changed, used


def taken(table):
    """Return the names of the module that a scope, or a scope inside it, reads."""
    top = table.get_type() == "module"
    own = {
        each.get_name()
        for each in table.get_symbols()
        if each.is_referenced() and (top or each.is_global())
    }
    return own.union(*map(taken, table.get_children()))


def changes(node):
    """Yield the names whose objects a statement may change: ``x[0] = 1``, ``x.sort()``, ``f(x)``.

    Of the arguments of a function only the first: that is the one that is changed where one is.
    """
    scopes = ast.FunctionDef | ast.ClassDef | ast.Lambda | ast.comprehension
    if isinstance(node, scopes | ast.Assert):
        return
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield from base(node)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        method = node.value.func
        # ``np.maximum(a, b)`` changes nothing in NumPy, ``plt.style.use(…)`` something in pyplot.
        if isinstance(method, ast.Attribute):
            inner = method.value
            if not (isinstance(inner, ast.Name) and inner.id in ("np", "plt")):
                yield from base(method)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
        if isinstance(node.args[0], ast.Name) and not hasattr(builtins, node.func.id):
            yield node.args[0].id
    for child in ast.iter_child_nodes(node):
        yield from changes(child)


def base(node):
    """Return the name at the root of ``name.attribute[index]``, if there is one."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return [node.id] if isinstance(node, ast.Name) else []
