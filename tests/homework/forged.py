# ruff: noqa: E501 (submissions are written as their authors would)
"""A forged class: one submission of every kind that a grader meets, and the marks it must get."""

import copy
import json

import nbformat

from tools.homework import release

DOUBLE = "def double(z):\n    return 2.0 * np.asarray(z)"
HALF = "def half(z):\n    return np.asarray(z) / 2.0"
WRONG = "def double(z):\n    return np.asarray(z) ** 2"
WORDS = "Halving is the inverse of doubling."

RIGHT = ("needs-manual", 3, 4)
HALF_ONLY = ("needs-manual", 0, 4)
FAILED = ("failed", None, None)


def body(*lines):
    """A function `double` with these lines, and the right result after them."""
    return "\n".join(
        ["def double(z):", *(f"    {line}" for line in lines), "    return 2.0 * np.asarray(z)"]
    )


class Class:
    """Writes submissions into a folder and remembers what each must get."""

    def __init__(self, released, folder, places):
        self.released = nbformat.read(released, as_version=4)
        self.folder = folder
        self.places = places
        self.expected = {}

    def add(
        self,
        student,
        expected,
        double=DOUBLE,
        half=HALF,
        words=WORDS,
        change=None,
        name="tiny.ipynb",
    ):
        notebook = copy.deepcopy(self.released)
        texts = {"double-answer": double, "half-answer": half, "words": words}
        for cell in notebook.cells:
            cell.source = texts.get(cell.id) or cell.source
        if change:
            notebook = change(notebook) or notebook
        path = self.folder / student / name
        path.parent.mkdir(parents=True)
        if isinstance(notebook, bytes):
            path.write_bytes(notebook)
        else:
            path.write_text(json.dumps(notebook), "utf-8")
        self.expected[f"student {student}" if student[0] == "=" else student] = expected
        return path

    def fill(self):
        self.honest()
        self.broken_code()
        self.altered_notebooks()
        self.broken_files()
        self.attacks()
        return self.expected

    def honest(self):
        self.add("perfect", RIGHT)
        self.add("wrong", HALF_ONLY, double=WRONG)
        self.add("blank", ("graded", 0, 0), double="", half="", words="")
        self.add("Doe, Jane", RIGHT)
        late = self.add("late", RIGHT)
        late.with_name("timestamp.txt").write_text("2027-03-02 09:00:00 UTC")
        self.add("Åsa [x] *", RIGHT)
        self.add("=1+1", RIGHT)
        for encoding in ("utf-8-sig", "utf-16"):
            self.add(
                encoding, RIGHT, change=lambda notebook, e=encoding: json.dumps(notebook).encode(e)
            )
        warnings = ["import sys, warnings, logging", "warnings.warn('careful')"]
        warnings += ["print('note', file=sys.stderr)", "logging.warning('hm')"]
        self.add("warnings", RIGHT, double=body(*warnings))

    def broken_code(self):
        self.add("syntax-error", HALF_ONLY, double="def double(z)\n    return 2 * z")
        self.add("infinite-loop", HALF_ONLY, double=body("while True: pass"))
        stubborn = [
            "import signal",
            "signal.signal(signal.SIGINT, signal.SIG_IGN)",
            "while True: pass",
        ]
        self.add("stubborn-loop", FAILED, double=body(*stubborn))
        self.add(
            "kernel-killed", FAILED, double=body("import os, signal", "os.kill(os.getpid(), 9)")
        )
        self.add("os-exit", FAILED, double=body("import os", "os._exit(0)"))
        self.add("sys-exit", HALF_ONLY, double=body("import sys", "sys.exit()"))
        self.add(
            "memory-bomb",
            HALF_ONLY,
            double=body("bomb = []", "while True: bomb.append(bytearray(10**8))"),
        )
        huge = ["print('x' * 10_000_000)", "for i in range(10_000): print(i)"]
        self.add("huge-output", RIGHT, double=body(*huge))
        self.add("endless-output", HALF_ONLY, double=body("while True: print('x' * 1000)"))
        left = ["import subprocess", "subprocess.Popen(['sleep', '98765'])"]
        self.add("leaves-process", RIGHT, double=body(*left))

    def altered_notebooks(self):
        def edit_tests(notebook):
            for cell in notebook.cells:
                if cell.id in ("double", "half"):
                    cell.source = "assert True"

        def delete_tests(notebook):
            notebook.cells = [cell for cell in notebook.cells if cell.id not in ("double", "half")]

        def delete_answer(notebook):
            notebook.cells = [cell for cell in notebook.cells if cell.id != "double-answer"]

        def duplicate(notebook):
            twice = [copy.deepcopy(cell) for cell in notebook.cells for _ in range(2)]
            notebook.cells = twice

        def strip(notebook):
            for cell in notebook.cells:
                cell.metadata = {}

        def strip_everything(notebook):
            strip(notebook)
            for number, cell in enumerate(notebook.cells):
                cell.id = f"new-{number}"
            notebook.cells.insert(3, nbformat.v4.new_code_cell("double(3)"))

        def claim(notebook):
            for cell in notebook.cells:
                if cell.id == "double":
                    cell.metadata.nbgrader.update(
                        points=100, grade=False, solution=True, locked=False
                    )
                    cell.source = "assert True"

        def skip(notebook):
            for cell in notebook.cells:
                cell.metadata.tags = ["skip-execution"]

        def to_markdown(notebook):
            for cell in notebook.cells:
                if cell.id == "double":
                    cell.cell_type = "markdown"
                    del cell["outputs"], cell["execution_count"]

        def other_kernel(notebook):
            notebook.metadata.kernelspec = {"name": "julia-1.9", "display_name": "Julia"}

        def odd_metadata(notebook):
            notebook.cells[0].metadata["nbgrader"] = ["not", "a", "dictionary"]
            notebook.cells[1].metadata["nbgrader"] = {"grade_id": ["odd"], "schema_version": 3}

        def old_schema(notebook):
            for cell in notebook.cells:
                if "nbgrader" in cell.metadata:
                    cell.metadata.nbgrader["schema_version"] = 1

        def old_format(notebook):
            return nbformat.convert(copy.deepcopy(notebook), 3)

        self.add("tests-edited", HALF_ONLY, double=WRONG, change=edit_tests)
        self.add("tests-deleted", HALF_ONLY, double=WRONG, change=delete_tests)
        self.add("answer-deleted", HALF_ONLY, change=delete_answer)
        self.add("cell-duplicated", RIGHT, change=duplicate)
        self.add("metadata-stripped", RIGHT, change=strip)
        self.add("ids-stripped-too", RIGHT, change=strip_everything)
        self.add("points-claimed", HALF_ONLY, double=WRONG, change=claim)
        self.add("tests-skipped", HALF_ONLY, double=WRONG, change=skip)
        self.add("test-as-text", HALF_ONLY, double=WRONG, change=to_markdown)
        self.add("other-kernel", RIGHT, change=other_kernel)
        self.add("odd-metadata", RIGHT, change=odd_metadata)
        self.add("old-schema", FAILED, change=old_schema)
        self.add("old-format", RIGHT, change=old_format)
        self.add("renamed", RIGHT, name="My homework (1).ipynb")
        self.add("from-the-browser", RIGHT, name="homework_tiny.ipynb")

    def broken_files(self):
        self.add("corrupt", FAILED, change=lambda notebook: json.dumps(notebook).encode()[:-400])
        self.add("binary", FAILED, change=lambda notebook: b"\x89PNG\xff\xfe")
        self.add("no-notebook", FAILED, change=lambda notebook: b'{"cells": [1, 2]}')
        self.add("other-homework", FAILED, change=lambda notebook: nbformat.v4.new_notebook())
        self.add("two-notebooks", FAILED, name="a.ipynb")
        (self.folder / "two-notebooks" / "b.ipynb").write_text("{}")
        (self.folder / "missing-file").mkdir()
        self.expected["missing-file"] = ("missing", None, None)
        link = self.add("symlink", FAILED)
        link.unlink()
        link.symlink_to(self.places["gradebook"])

    def attacks(self):
        places = {key: str(value) for key, value in self.places.items()}
        patched = (
            "import numpy.testing, builtins\nnp.testing.assert_allclose = lambda *a, **k: None\n"
        )
        patched += "np.allclose = np.array_equal = lambda *a, **k: True\n"
        patched += "np.array = np.abs = lambda *a, **k: 0\n"
        self.add("patched-numpy", HALF_ONLY, double=patched + WRONG)
        equal = "class Equal:\n    __eq__ = __le__ = lambda *a: True\n    __array__ = None\n"
        equal += "    def __getattr__(self, name): return Equal()\n    def __call__(self, *a): return True\n"
        self.add("always-equal", HALF_ONLY, double=equal + "def double(z): return Equal()")
        self.add(
            "reads-source",
            HALF_ONLY,
            double=body(
                f"print(open({places['source']!r}).read())", f"open({places['gradebook']!r})"
            ),
        )
        look = "import os\nfor base, folders, files in os.walk('/'):\n"
        look += "    folders[:] = [f for f in folders if f not in ('proc', 'usr', 'lib', 'lib64', 'bin', 'site-packages')]\n"
        look += "    for f in files:\n        if f.endswith(('.ipynb', '.db')) or f == 'tiny.md': print('FOUND', base, f)\n"
        look += "print(os.environ)\n"
        look += "print('HIDDEN', ('from chec' + 'ks import') in open('tiny.ipynb').read())\n"
        self.add("looks-around", RIGHT, double=look + DOUBLE)
        self.add(
            "writes-gradebook",
            HALF_ONLY,
            double=body(
                "import sqlite3",
                f"book = sqlite3.connect({places['gradebook']!r})",
                "book.execute('update grade set manual_score = 9')",
                "book.commit()",
            ),
        )
        port = self.places["port"]
        call = ["import socket", f"socket.create_connection(('127.0.0.1', {port}), 2)"]
        self.add("network", HALF_ONLY, double=body(*call))
        outside = [f"open({str(self.places['outside'])!r}, 'w').write('x')"]
        self.add("writes-outside", HALF_ONLY, double=body(*outside))
        self.add("writes-notebook", HALF_ONLY, double=body("open('tiny.ipynb', 'w').write('x')"))
        big = [
            "with open('/tmp/big', 'wb') as f:",
            "    for _ in range(200): f.write(bytes(10**6))",
        ]
        self.add("fills-disk", HALF_ONLY, double=body(*big))
        html = "from IPython.display import HTML, SVG, Javascript, display\n"
        html += "display(HTML(\"<script>window.owned = 1</script><img src=x onerror='window.owned = 2'>\"))\n"
        html += "display(Javascript('window.owned = 3'))\n"
        html += 'display(SVG(\'<svg xmlns="http://www.w3.org/2000/svg" onload="window.owned = 4"/>\'))\n'
        html += "print('</pre><script>window.owned = 5</script>')\n"
        script = (
            '<script>window.owned = 6</script> <img src=x onerror="window.owned = 7"> my answer'
        )

        def raw_cell(notebook):
            cell = nbformat.v4.new_raw_cell("<script>window.owned = 8</script>")
            cell.metadata["raw_mimetype"] = "text/html"
            notebook.cells.append(cell)
            notebook.metadata["title"] = "</title><script>window.owned = 9</script>"

        self.add("script", RIGHT, double=html + DOUBLE, words=script, change=raw_cell)


def first_four(course, folder):
    """Release the small homework, and hand in a right, a wrong, a blank and a deadly answer."""
    release.release(course, ["tiny"])
    forged = Class(course.notebook("tiny", "release"), folder, {})
    forged.add("anna", None)
    forged.add("bert", None, double="def double(z): return z")
    forged.add("cleo", None, double="", half="", words="")
    forged.add("dora", None, half="import os; os._exit(1)")
    return folder
