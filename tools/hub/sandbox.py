"""The sandbox of a student's server: bubblewrap, with the student's own folders and no others.

It differs from the grader's in two ways. It can be written to, for it holds the home folder. And it
is on the machine's own network: the server must reach the hub, and the proxy the server.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from tools.homework import sandbox
from tools.homework.settings import ROOT
from tools.hub.place import COURSE

SETTINGS = Path(__file__).parent / "student"
SYSTEM = [*sandbox.SYSTEM, "/etc/fonts"]
SCRATCH = 2**28  # bytes of /tmp
FILE = 2**28  # bytes of one file
PROCESSES = 512  # and threads, of one student


def home(student):
    """The student's home folder, as it is called inside."""
    return f"/students/{student}"


def environment(student):
    return {
        "USER": student,
        "HOME": home(student),
        "SHELL": "/bin/bash",
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "JUPYTER_RUNTIME_DIR": "/tmp/runtime",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def command(here, student, program, memory=0):
    """The command that runs ``program``, a list, as this student; ``memory`` is a process's."""
    passwd = here.student(student, "passwd")
    passwd.write_text(f"{student}:x:1000:1000::{home(student)}:/bin/bash\n")
    own, exchange = here.student_exchange(student) / COURSE, f"/exchange/{COURSE}"
    return [
        # `timeout` outlives the hub, so that a server goes on while the hub is started anew; when
        # the hub ends it, bubblewrap and all within die too.
        *["timeout", "--signal=KILL", "0", "prlimit", f"--fsize={FILE}", "--core=0"],
        *([f"--as={memory}"] if memory else []),
        *["bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"],
        *["--unshare-cgroup-try", "--uid", "1000", "--gid", "1000", "--hostname", "hub"],
        *["--new-session", "--die-with-parent", "--cap-drop", "ALL"],
        *["--proc", "/proc", "--dev", "/dev"],
        *[part for path in SYSTEM for part in ("--ro-bind-try", path, path)],
        # Hide the course even where it lies under one of the folders above.
        *["--size", str(SCRATCH), "--tmpfs", "/tmp", "--tmpfs", str(ROOT)],
        *[part for path in sandbox.python_folders() for part in ("--ro-bind", path, path)],
        *_without_debugger(),
        *["--ro-bind", str(passwd), "/etc/passwd", "--ro-bind", str(SETTINGS), "/etc/jupyter"],
        *["--bind", str(here.student(student, "home")), home(student), "--dir", exchange],
        *["--ro-bind", str(here.outbound), f"{exchange}/outbound"],
        *["--bind", str(own / "inbound"), f"{exchange}/inbound"],
        *["--ro-bind", str(own / "feedback"), f"{exchange}/feedback"],
        *["--chdir", home(student), "prlimit", f"--nproc={PROCESSES}", *program],
    ]


def _without_debugger():
    """Hide it: a kernel that debugs listens on a port, and runs what anyone there tells it."""
    found = find_spec("debugpy")
    return ["--tmpfs", str(Path(found.origin).parent)] if found else []
