"""The sandbox of a student's kernel: bubblewrap, with the limits of prlimit.

Inside there is Python with the course's environment, read-only, the student's own folder,
read-only, and a small empty /tmp.  There is no network, no gradebook and no homework source.
"""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from tools.homework.settings import ROOT, HomeworkError

#: What one kernel may use.  Each is for the whole submission.
LIMITS = {
    "--as": 2 * 2**30,  # bytes of address space
    "--cpu": 300,  # seconds
    "--fsize": 2**25,  # bytes of a file
    "--nofile": 512,
    "--core": 0,
}
PROCESSES = 256
SECONDS = 600
SCRATCH = 2**26  # bytes of /tmp

#: What a sandbox shows of the machine, where it is there.
SYSTEM = ["/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives"]
HOME = "/homework"
GRADING = "/grading"


def require():
    """Raise if submissions cannot be run in the sandbox here, saying what to do."""
    if sys.platform != "linux":
        raise HomeworkError(
            "Submissions are graded in bubblewrap, which needs Linux. Grade on a Linux machine "
            "(a virtual one or WSL 2 will do), or give SANDBOX=off after reading what it risks."
        )
    for program, package in {"bwrap": "bubblewrap", "prlimit": "util-linux"}.items():
        if shutil.which(program) is None:
            raise HomeworkError(
                f"{program} is not installed: it shuts in the students' code. On Debian or Ubuntu: "
                f"sudo apt-get install {package}"
            )

    probe = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]
    tried = subprocess.run(probe, capture_output=True, text=True, check=False)
    if tried.returncode:
        raise HomeworkError(
            f"bubblewrap is installed but may not make a sandbox here: {tried.stderr.strip()}. "
            "In a container, allow user namespaces; on Ubuntu 24.04 and later, give bwrap an "
            "AppArmor profile that allows them."
        )


def command(kernel, folder, connection_folder, homework, checks=None):
    """Return the command that runs ``kernel``, a list, on a submission in ``folder``."""
    limits = [f"{name}={value}" for name, value in LIMITS.items()]
    return [
        *["timeout", "--signal=KILL", str(SECONDS), "prlimit", *limits],
        *["bwrap", "--unshare-all", "--new-session", "--die-with-parent", "--cap-drop", "ALL"],
        *["--proc", "/proc", "--dev", "/dev"],
        *_environment(),
        *_visible(folder, connection_folder, homework, checks),
        *["--chdir", HOME, "prlimit", f"--nproc={PROCESSES}", *kernel],
    ]


def _environment():
    variables = {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "HOME": "/tmp",
        "USER": "student",
        "LANG": "C.UTF-8",
        "PYTHONPATH": f"{GRADING}:{package()}",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MPLCONFIGDIR": "/tmp/matplotlib",
    }
    arguments = ["--clearenv"]
    for name, value in variables.items():
        arguments += ["--setenv", name, value]
    return arguments


def _visible(folder, connection_folder, homework, checks):
    arguments = []
    for path in SYSTEM:
        arguments += ["--ro-bind-try", path, path]
    # Hide the course even where it lies under one of the folders above.
    for path in ["/tmp", ROOT, homework]:
        arguments += ["--size", str(SCRATCH), "--tmpfs", str(path)]
    for path in python_folders():
        arguments += ["--ro-bind", path, path]
    if checks:
        arguments += ["--ro-bind", str(checks), f"{GRADING}/checks.py"]
    arguments += ["--bind", str(connection_folder), str(connection_folder)]
    return [*arguments, "--ro-bind", str(folder), HOME]


def python_folders():
    """Return the folders that Python and the course's package are imported from."""
    folders = [sys.base_prefix, sys.prefix, package()]
    return [folder for folder in dict.fromkeys(folders) if folder != "/usr"]


def package():
    """The folder that the course's package is imported from."""
    return str(Path(importlib.util.find_spec("rectified").origin).parents[1])
