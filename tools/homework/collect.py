"""Find the submissions in a folder or in the archive that a learning platform exports.

nbgrader's own `zip_collect` stops the whole class at one strange member, and merges namesakes.
"""

import hashlib
import os
import re
import shutil
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import nbformat

from tools.homework import mend
from tools.homework.settings import HomeworkError

LARGEST = 20_000_000  # bytes of one submission's other files
LARGEST_MEMBER = 100_000_000  # bytes of one file in an archive
#: Jane Doe_4711_assignsubmission_file_/NAME.ipynb, or …_file_NAME.ipynb; what was typed into
#: Moodle's own field stands in a folder …_onlinetext_
MOODLE = re.compile(
    r"(?P<student>[^/]+?)_(?P<number>\d+)_assignsubmission_[a-z]+_/?(?P<late>)(?P<file>.+)"
)
#: doejane_4711_98765_NAME.ipynb, or doejane_LATE_4711_98765_NAME-1.ipynb
CANVAS = re.compile(r"(?P<student>[^/_]+)_(?P<late>LATE_)?(?P<number>\d+)_\d+_(?P<file>[^/]+)")
#: Folders that macOS and Python leave among those of students; hidden ones are none either.
NO_STUDENT = ["__MACOSX", "__pycache__"]
#: Words in an answer that a person should look at: each can reach into the grading of its notebook.
SUSPICIOUS = [
    *["get_ipython", "ast_transformers", "run_code", "inspect", "sys.modules", "os._exit"],
    *["signal", "sqlite3", "subprocess", "ctypes", "__builtins__", "builtins"],
]
_SUSPICIOUS = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in SUSPICIOUS))


@dataclass
class Submission:
    """What one student handed in; ``problem`` says why it cannot be graded."""

    student: str
    folder: Path
    digest: str = ""
    problem: str = ""
    missing: bool = False
    review: list = field(default_factory=list)


def collect(course, name, submitted):
    """Put every submission where nbgrader looks for it; return them, sorted by student."""
    submitted = Path(submitted).expanduser()
    released = nbformat.read(course.notebook(name, "release"), as_version=4)
    called, problems = {}, {}
    if submitted.is_file():
        unpacked = course.folder(name, "unpacked")
        called, problems = _unpack(submitted, unpacked)
        submitted = unpacked
    folders = _student_folders(submitted)
    submissions = []
    for student, folder in safe_names(folder.name for folder in folders).items():
        original = called.get(folder, folder)
        exchange = submitted / folder / name  # nbgrader collect writes STUDENT/NAME/NAME.ipynb
        submission = Submission(student, exchange if exchange.is_dir() else submitted / folder)
        submission.review += changed_name(student, original)
        try:
            if folder in problems:
                raise mend.Unreadable(problems[folder])
            _take(course, name, submission, released)
        except mend.Unreadable as problem:
            submission.problem = str(problem)
        except OSError as problem:
            submission.problem = f"it cannot be read ({problem.strerror})"
        except Exception as problem:  # one odd submission must not stop the others
            submission.problem = f"it cannot be read ({type(problem).__name__}: {problem})"
        submission.digest = submission.digest or _digest(submission.folder)
        submissions.append(submission)
    return submissions


def safe_names(names):
    """Return {name that no file system, terminal or spreadsheet takes for something else: name}."""
    safe = {}
    for name in dict.fromkeys(names):
        # Not a folder above, not a formula, not hidden; at most 255 bytes with what is appended.
        text = "".join(letter if letter.isprintable() else "-" for letter in name)
        text = re.sub(r"[/\\]", "-", text).strip().encode()[:200].decode(errors="ignore")
        text = f"student {text}" if text[:1] in tuple("=+-@._") or not text else text
        number = 1
        while (candidate := text if number == 1 else f"{text} ({number})") in safe:
            number += 1
        safe[candidate] = name
    return safe


def changed_name(safe, original):
    return [f"called {original!r} where it came from"] if safe != original else []


def _student_folders(submitted):
    try:
        entries = sorted(submitted.iterdir())
    except FileNotFoundError:
        raise HomeworkError(f"SUBMITTED: there is no {submitted}.") from None
    except OSError as error:
        raise HomeworkError(f"SUBMITTED: {submitted} cannot be read: {error.strerror}.") from None
    folders = [path for path in entries if path.is_dir() and path.name[0] != "."]
    folders = [path for path in folders if path.name not in NO_STUDENT]
    if not folders:
        raise HomeworkError(
            f"SUBMITTED: no submission in {submitted}. It holds one folder a student, "
            "STUDENT/NAME.ipynb, or is the .zip that Canvas or Moodle exports."
        )
    return folders


def _take(course, name, submission, released):
    """Write the mended notebook and copy its companions."""
    notebook = _find_notebook(submission, name)
    if notebook is None:
        submission.missing = True
        submission.problem = "the folder holds no notebook"
        return
    mended, changes = mend.mend(mend.read(notebook), released)
    if notebook.name not in _names(name):
        changes.insert(0, f"was called {notebook.name}")
    target = course.notebook(name, "submitted", submission.student)
    shutil.rmtree(target.parent, ignore_errors=True)
    target.parent.mkdir(parents=True)
    _copy_companions(submission, target.parent)
    nbformat.write(mended, target)
    submission.digest = _digest(target.parent)
    submission.review += changes + _suspicious(mended)
    late = submission.folder / ".late"
    if late.exists():
        submission.review.append("handed in late, says Canvas")


def _names(name):
    """What a homework's file may be called: also as JupyterLite calls it in the browser."""
    return f"{name}.ipynb", f"homework_{name}.ipynb"


def _find_notebook(submission, name):
    found = [path for path in sorted(submission.folder.glob("*.ipynb")) if path.name[0] != "."]
    links = [path for path in found if path.is_symlink() or not path.is_file()]
    if links:
        raise mend.Unreadable(f"{links[0].name} is a link or no file, not a notebook")
    exact = [path for own in _names(name) for path in found if path.name == own]
    if not exact and len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise mend.Unreadable(f"several notebooks, none called {name}.ipynb: {names}")
    return (exact or found or [None])[0]


def _copy_companions(submission, target):
    """Copy the other files, but no link and not too much."""
    size = 0
    for path in sorted(_files(submission.folder)):
        if path.suffix == ".ipynb" or path.name.startswith("."):
            continue
        size += path.stat().st_size
        if size > LARGEST:
            raise mend.Unreadable(f"its files are larger than {LARGEST // 1_000_000} MB together")
        copy = target / path.relative_to(submission.folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def _files(folder):
    for directory, _, names in os.walk(folder):
        for name in names:
            path = Path(directory, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _digest(folder):
    total = hashlib.sha256()
    for path in sorted(_files(folder)):
        total.update(str(path.relative_to(folder)).encode())
        total.update(path.read_bytes() if path.stat().st_size <= LARGEST else b"large")
    return total.hexdigest()


def _suspicious(notebook):
    """Say which words of an answer a person should look at."""
    words = set()
    for cell in notebook.cells:
        data = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and not data.get("locked") and not data.get("grade"):
            words.update(_SUSPICIOUS.findall(cell.source))
    return [f"uses {', '.join(sorted(words))}"] if words else []


def _unpack(archive, target):
    """Unpack Canvas's or Moodle's archive into one folder a student.

    Return {folder: the student's name in the archive} and {folder: why it cannot be graded}.
    """
    shutil.rmtree(target, ignore_errors=True)
    problems = {}
    try:
        with zipfile.ZipFile(archive) as content:
            files = _by_student([member for member in content.infolist() if not member.is_dir()])
            called = safe_names(student for student, _, _ in files)
            folders = {student: folder for folder, student in called.items()}
            for (student, file, late), member in files.items():
                folder = target / folders[student]
                folder.mkdir(parents=True, exist_ok=True)
                problem = _extract(content, member, folder / file)
                if problem:
                    problems[folder.name] = f"{file} in the archive {problem}"
                if late:
                    (folder / ".late").touch()
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise HomeworkError(
            f"{archive} is no readable .zip archive ({error}). Download it again, or unpack it "
            "yourself into folders STUDENT/NAME.ipynb."
        ) from error
    return called, problems


def _extract(content, member, path):
    """Write one file of an archive; return what is wrong with it, or nothing."""
    if member.file_size > LARGEST_MEMBER:
        return f"is larger than {LARGEST_MEMBER // 1_000_000} MB"
    try:
        with content.open(member) as source, open(path, "wb") as file:
            shutil.copyfileobj(source, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        return f"cannot be unpacked ({error})"
    except OSError as error:
        return f"cannot be written ({error.strerror})"
    return ""


def _by_student(members):
    """Return {(student, file, late): member}; namesakes get their number in the platform."""
    found, strangers = [], []
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.name.startswith(".") or "__MACOSX" in path.parts:
            continue
        match = MOODLE.search(str(path)) or CANVAS.fullmatch(path.name)
        if match:
            file, late = PurePosixPath(match["file"]).name, bool(match["late"])
            found.append((match["student"], match["number"], file, late, member))
        elif len(path.parts) > 1:  # a plain archive of folders STUDENT/NAME.ipynb
            found.append((path.parts[-2], "", path.name, False, member))
        else:
            strangers.append(path.name)
    if strangers and not found:
        raise HomeworkError(
            f"The archive is neither Canvas's nor Moodle's: {strangers[0]} does not say whose it "
            "is. Unpack it into folders STUDENT/NAME.ipynb."
        )
    numbers = {}
    for student, number, *_ in found:
        numbers.setdefault(student, set()).add(number)
    return {
        (student if len(numbers[student]) == 1 else f"{student}_{number}", file, late): member
        for student, number, file, late, member in found
    }
