"""A real Neo4j Community server for tests: from Maven Central's artefacts (Java 17 or 21 and Maven), else from Docker.

From a shell, `python -m tests.neo4j_server` runs one until Ctrl-C and prints its URL (for KGRAPH_TEST_NEO4J_URI).
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = "5.26.12"
USERNAME, PASSWORD = "neo4j", "kgraph-test"
_POM = Path(__file__).parent / "neo4j" / "pom.xml"
_START_SECONDS = 120
_OPENED_PACKAGES = ("java.nio", "java.io", "sun.nio.ch")


class NoServerError(Exception):
    """Nothing on this machine can run a Neo4j server; the text says what is missing."""


def can_start_here() -> bool:
    """Tell whether there are Java and the server's jars, or Maven to fetch them."""
    return bool(shutil.which("java")) and ((_jars_folder() / ".complete").exists() or bool(shutil.which("mvn")))


@contextmanager
def running_neo4j() -> Iterator[str]:
    """Start a server with an empty database, yield its URL with user name and password, and stop it by its pid.

    Raises:
        NoServerError: there is neither Java with Maven nor a Docker engine, or the server does not start.
    """
    if can_start_here():
        with tempfile.TemporaryDirectory(prefix="kgraph-neo4j-") as home, Neo4jServer(Path(home)) as server:
            yield server.url
    elif shutil.which("docker") and _succeeds("docker", "info"):
        with _docker_container() as url:
            yield url
    else:
        raise NoServerError("Neo4j needs Java 17 or 21 with Maven, or Docker; or set KGRAPH_TEST_NEO4J_URI")


class Neo4jServer:
    """A server process with its home folder; entering starts it, leaving stops it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = _free_port()
        self.url = f"bolt://{USERNAME}:{PASSWORD}@127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, on the data that its home has already, and wait until it answers."""
        jars = _fetch_jars()
        _write_configuration(self.home, self.port)
        if not (self.home / "data" / "databases").exists():
            self._run_admin(jars, "dbms", "set-initial-password", PASSWORD)
        log = self.home / "logs" / "console.log"
        command = [*_java(jars), "org.neo4j.server.CommunityEntryPoint", f"--home-dir={self.home}"]
        with log.open("wb") as console:
            self._process = subprocess.Popen(
                [*command, f"--config-dir={self.home / 'conf'}", "--console-mode"],
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

    def _run_admin(self, jars: Path, *arguments: str) -> None:
        environment = os.environ | {"NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")}
        command = [*_java(jars), "org.neo4j.cli.AdminTool", *arguments]
        subprocess.run(command, env=environment, check=True, capture_output=True)


def _java(jars: Path) -> list[str]:
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED_PACKAGES]
    quick = ["-Xms256m", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    return ["java", *quick, "-Dlog4j2.disable.jmx=true", *opened, "-cp", f"{jars}/*"]


def _write_configuration(home: Path, port: int) -> None:
    for folder in ("conf", "data", "logs", "run", "plugins", "import"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    settings = {
        "server.bolt.listen_address": f"127.0.0.1:{port}",
        "server.bolt.advertised_address": f"127.0.0.1:{port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "server.directories.data": home / "data",
        "server.directories.logs": home / "logs",
        "server.memory.pagecache.size": "128m",
        "dbms.usage_report.enabled": "false",
    }
    lines = [f"{name}={value}\n" for name, value in settings.items()]
    (home / "conf" / "neo4j.conf").write_text("".join(lines))


def _jars_folder() -> Path:
    return Path.home() / ".cache" / "kgraph" / f"neo4j-{VERSION}"


def _fetch_jars() -> Path:
    """Return the folder of the server's jars (116 MB), fetched on the first call; a broken fetch is taken up again."""
    jars = _jars_folder()
    if not (jars / ".complete").exists():
        jars.mkdir(parents=True, exist_ok=True)
        command = ["mvn", "-q", "-B", "-f", str(_POM), f"-Dneo4j.version={VERSION}", "dependency:copy-dependencies"]
        done = subprocess.run(
            [*command, "-DincludeScope=runtime", f"-DoutputDirectory={jars}"], capture_output=True, text=True
        )
        if done.returncode != 0:
            raise NoServerError(f"Maven cannot fetch Neo4j: {(done.stdout + done.stderr)[-2000:]}")
        (jars / ".complete").touch()
    return jars


@contextmanager
def _docker_container() -> Iterator[str]:
    port = _free_port()
    image = f"neo4j:{VERSION}-community"
    command = ["docker", "run", "--rm", "--detach", "--publish", f"127.0.0.1:{port}:7687"]
    done = subprocess.run(
        [*command, "--env", f"NEO4J_AUTH={USERNAME}/{PASSWORD}", image], capture_output=True, text=True
    )
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


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with running_neo4j() as neo4j_url:
        print(neo4j_url, flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)
