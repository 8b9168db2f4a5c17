"""The programs of a cluster, how they trust each other, and which version of the book they hold.

Dask's scheduler and workers, started with what grading needs. This module imports nothing that
takes long: what runs a submission is in remote.py, which the workers load.
"""

import hashlib
import sys
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import dask
import distributed

from tools.homework import sandbox
from tools.homework.settings import HomeworkError

PACKAGES = ["numpy", "matplotlib", "ipykernel", "ipython", "nbclient", "nbconvert", "nbgrader"]
PATIENCE = {
    "worker-ttl": "60s",  # a worker silent for so long: its work goes elsewhere
    "no-workers-timeout": "120s",  # a submission without a worker for so long: stop
}


def book():
    """Name the version of all that a mark depends on, but for the homework and the submission."""
    total = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for package in [*PACKAGES, "distributed"]:
        total.update(f"{package} {version(package)}\0".encode())
    for folder in (Path(__file__).parent, Path(sandbox.package(), "rectified")):
        for file, content in files(folder):
            if "__pycache__" not in file:
                total.update(f"{file}\0".encode() + content)
    return f"book-{total.hexdigest()[:12]}"


def files(folder):
    """Return the files of a folder, as ((name, content), …)."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple((path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths)


def start_scheduler(listen, certificates):
    """Run Dask's scheduler until it is stopped; its page is for this machine only."""
    from distributed.cli.dask_scheduler import main

    options = ["--host", listen, "--dashboard-address", "127.0.0.1:8787"]
    dask.config.update_defaults({"distributed": {"scheduler": PATIENCE}})
    main([*options, *_tls(listen, certificates)])


def start_worker(scheduler, certificates, count):
    """Run Dask's workers until they are stopped; Dask starts those anew that were killed."""
    from distributed.cli.dask_worker import main

    tls = _tls(scheduler, certificates)  # first: a wrong address is one on every system
    sandbox.require()
    options = ["--nworkers", str(count), "--nthreads", "1", "--resources", f"{book()}=1"]
    options += ["--memory-limit", "0", "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
    options += ["--preload", "tools.homework.remote"]
    main([scheduler, *options, *tls])


def make_certificates(folder):
    """Write a key and a certificate, for a year: who has both belongs to the cluster."""
    made = distributed.Security.temporary()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file, content in (("certificate", made.tls_ca_file), ("key", made.tls_client_key)):
        path = folder / f"{file}.pem"
        if path.exists():
            raise HomeworkError(f"{path} is there already; delete it if a new one is to be made.")
        path.touch(mode=0o600)
        path.write_text(content)


def security(address, certificates):
    """What Dask needs to speak with an address: nothing leaves this machine in the open."""
    url = urlsplit(address)
    if url.scheme == "tcp" and _is_here(url.hostname):
        return distributed.Security()
    if url.scheme != "tls" or not url.hostname:
        raise HomeworkError(
            f"{address}: say tls://HOST:8786, with `make certificates` beforehand, or "
            "tcp://127.0.0.1:8786 for this machine alone."
        )
    certificate, key = certificates / "certificate.pem", certificates / "key.pem"
    for path in (certificate, key):
        if not path.is_file():
            raise HomeworkError(
                f"There is no {path}. Run `make certificates` once, and copy the folder "
                "to every machine of the cluster."
            )
    roles = ("client", "scheduler", "worker")
    files = {f"tls_{role}_cert": str(certificate) for role in roles}
    files |= {f"tls_{role}_key": str(key) for role in roles}
    return distributed.Security(require_encryption=True, tls_ca_file=str(certificate), **files)


def _is_here(host):
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _tls(address, certificates):
    """The same for the command line of Dask's programs."""
    safe = security(address, certificates)
    if not safe.require_encryption:
        return []
    files = {"ca-file": safe.tls_ca_file, "cert": safe.tls_worker_cert, "key": safe.tls_worker_key}
    return [part for name, path in files.items() for part in (f"--tls-{name}", path)]
