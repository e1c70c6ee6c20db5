"""What a kill -9 does to a database, and what two writers at once do: the graph must come out as if nothing had been.

    python bench/faults.py INPUT... [--scenarios link link-few build load server writers] [--kills 25] [--seed 0]

INPUT is what `kgraph build` takes; some hundred papers are enough. A scenario brings a graph back and forth between two
states, kills in the middle, looks whether the database opens and answers, runs the same command again, and compares the
whole graph with that of an undisturbed database.

    link        kgraph link, the embedded engine; the alias file changes most papers
    link-few    the same; the alias file changes few
    build       kgraph build of 60 papers whose abstracts have changed
    load        kgraph load into Neo4j
    server      the Neo4j server during a kgraph load; it is started again at once
    writers     two commands that write at once, five times on each engine, while a reader goes on

The moment of a kill is drawn from the command's time without a kill, but for its first part, where Python starts; a
command that had ended before is not counted. "Between" are the graphs that were neither of the two states when looked
at. A load "rode over" a kill of its server where it ended well by itself.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final

from bench.server import stop_cleanly
from kgraph.build import RECORDS, build, link
from kgraph.errors import StoreError
from kgraph.query import run_query
from kgraph.read import read_papers
from kgraph.schema import ENTITY_LABELS
from kgraph.store import open_store, read_store
from tests.neo4j_server import Neo4jServer

KGRAPH: Final = (sys.executable, "-m", "kgraph")
MODEL: Final = "fast"
BUILT: Final = 60
# Of each label, the entities of these ranks by papers.
MANY, FEW = slice(15), slice(60, 61)
WRITERS_ROUNDS: Final = 5
SCENARIOS: Final = ("link", "link-few", "build", "load", "server", "writers")
EARLIEST: Final = 0.3
SECONDS_BETWEEN_READS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Scenario:
    """A database in its first state, the commands that bring it to either state, and the digests of both."""

    name: str
    database: str
    commands: tuple[list[str], list[str]]
    digests: tuple[str, str]


@dataclass(slots=True)
class Tally:
    """What was seen after the kills of one scenario."""

    kills: int = 0
    opened: int = 0
    between: int = 0
    rode_over: int = 0
    equal: int = 0
    said: Counter[str] = field(default_factory=Counter)


def digest(database: str) -> str:
    """Return a hash of all that a database holds, after it has answered a query."""
    with open_store(database, read_only=True) as store:
        run_query(store, "count-nodes")
        entities, papers = read_store(store)
        whole = sha256(repr(sorted(entities.items())).encode())
        for linked in papers:
            whole.update(repr(linked).encode())
    return whole.hexdigest()


def start(arguments: Sequence[str]) -> subprocess.Popen[str]:
    """Start a command of kgraph's."""
    return subprocess.Popen([*KGRAPH, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait until a command has ended; return its exit code and the last line that it said."""
    _, said = process.communicate()
    return process.returncode, (said.strip().splitlines() or [""])[-1]


def run(arguments: Sequence[str]) -> float:
    """Run a command to its end; return its seconds. Stops the bench where it fails."""
    begin = time.perf_counter()
    code, said = end(start(arguments))
    if code:
        sys.exit(f"kgraph {' '.join(arguments)}: {said}")
    return time.perf_counter() - begin


def disturb(scenario: Scenario, kills: int, random: Random, server: Neo4jServer | None) -> Tally:
    """Bring the database back and forth; kill each command, or the server, on the way, and run the command again."""
    tally, state = Tally(), 0
    seconds = {1: run(scenario.commands[1]), 0: run(scenario.commands[0])}
    while tally.kills < kills:
        state = 1 - state
        process = start(scenario.commands[state])
        time.sleep(seconds[state] * random.uniform(EARLIEST, 1))
        killed = process.poll() is None
        if killed:
            kill(process, server)
        code, _ = end(process)
        if killed:
            tally.rode_over += code == 0
            look(scenario, tally)
        run(scenario.commands[state])
        tally.equal += killed and digest(scenario.database) == scenario.digests[state]
    return tally


def kill(process: subprocess.Popen[str], server: Neo4jServer | None) -> None:
    """End a command by SIGKILL, or the server, which is started again."""
    if server is None:
        process.kill()
    else:
        server.kill()
        server.start()


def look(scenario: Scenario, tally: Tally) -> None:
    """Count a kill, and what can be read after it."""
    tally.kills += 1
    try:
        tally.between += digest(scenario.database) not in scenario.digests
        tally.opened += 1
    except StoreError as error:
        tally.said[_anywhere(str(error))] += 1


def write_at_once(scenario: Scenario, rounds: int) -> Tally:
    """Run both commands at once while a reader asks on and on; then run one of them alone."""
    tally = Tally()
    for number in range(rounds):
        writers = [start(command) for command in scenario.commands]
        while any(writer.poll() is None for writer in writers):
            read(scenario, tally)
            time.sleep(SECONDS_BETWEEN_READS)
        for code, said in map(end, writers):
            tally.said[f"writer, exit code {code}: {_anywhere(said)}" if code else "writer went in"] += 1
        tally.between += digest(scenario.database) not in scenario.digests
        run(scenario.commands[number % 2])
        tally.equal += digest(scenario.database) == scenario.digests[number % 2]
    return tally


def read(scenario: Scenario, tally: Tally) -> None:
    """Ask the database as another process would, and count the answer."""
    try:
        with open_store(scenario.database, read_only=True) as store:
            tally.said["reader answered" if run_query(store, "count-nodes") else "reader found nothing"] += 1
    except StoreError as error:
        tally.said[f"reader refused: {_anywhere(str(error))}"] += 1


def _anywhere(message: str) -> str:
    """Return what an error says wherever and whenever it comes."""
    return re.sub(r"process \d+", "process N", re.sub(r"\S+/([^/\s]+\.kg)", r"\1", message))


class Workshop:
    """Makes the databases that are killed, in a folder that is thrown away."""

    def __init__(self, folder: Path, inputs: Sequence[str]) -> None:
        self.folder, self.inputs = folder, inputs
        self.full = folder / "full.kg"
        build(inputs, self.full, model=MODEL)

    def linked(self, name: str, dropped: slice) -> Scenario:
        """Return a folder that an alias file changes, which drops these entities of each label."""
        database, (none, drop) = self._copy(self.full, f"{name}.kg"), self._alias_files(name, dropped)
        other = self._relinked(f"{name}-dropped.kg", drop)
        commands = [["link", "--db", str(database), "--aliases", str(aliases)] for aliases in (none, drop)]
        return self._scenario(name, str(database), commands, (self.full, other))

    def built(self, name: str) -> Scenario:
        """Return a folder of few papers whose abstracts change."""
        papers = list(islice((paper for paper in read_papers(self.inputs) if paper.abstract), BUILT))
        turned = [replace(one, abstract=two.abstract) for one, two in zip(papers, papers[1:] + papers[:1], strict=True)]
        files, states = [], []
        for state, version in (("one", papers), ("two", turned)):
            (self.folder / state).mkdir(exist_ok=True)
            files.append(self.folder / state / "papers.jsonl")
            files[-1].write_text("".join(json.dumps(asdict(paper)) + "\n" for paper in version), encoding="utf-8")
            states.append(self.folder / f"{name}-{state}.kg")
            build([files[-1]], states[-1], model=MODEL)
        database = self._copy(states[0], f"{name}.kg")
        commands = [["build", str(file), "--db", str(database), "--model", MODEL] for file in files]
        return self._scenario(name, str(database), commands, states)

    def loaded(self, name: str, url: str) -> Scenario:
        """Return a server that is loaded from two folders in turn."""
        states = (self.full, self._relinked(f"{name}-dropped.kg", self._alias_files(name, MANY)[1]))
        commands = [["load", url, "--db", str(state)] for state in states]
        return self._scenario(name, url, commands, states)

    def _scenario(self, name: str, database: str, commands: Sequence[list[str]], states: Sequence[Path]) -> Scenario:
        one, two = (digest(str(state)) for state in states)
        if one == two:
            sys.exit(f"{name}: the two states are the same; give more papers")
        return Scenario(name, database, (commands[0], commands[1]), (one, two))

    def _copy(self, source: Path, name: str) -> Path:
        return shutil.copytree(source, self.folder / name)

    def _relinked(self, name: str, aliases: Path) -> Path:
        """Return a new folder with the same records, linked by this alias file from the start."""
        made = self.folder / name
        made.mkdir()
        shutil.copy(self.full / RECORDS, made)
        link(made, aliases=aliases)
        return made

    def _alias_files(self, name: str, dropped: slice) -> tuple[Path, Path]:
        """Write an alias file that decides nothing, and one that drops entities."""
        with open_store(self.full, read_only=True) as store:
            ranked = [run_query(store, "top-entities", type=label, limit=dropped.stop) for label in ENTITY_LABELS]
        rows = [row for each in ranked for row in each[dropped]]
        none, drop = (self.folder / f"{name}-{kind}.toml" for kind in ("none", "drop"))
        none.touch()
        drop.write_text(f"[[drop]]\nnames = {json.dumps([row['name'] for row in rows])}\n", encoding="utf-8")
        return none, drop


def print_kills(name: str, tally: Tally, seconds: float) -> None:
    """Print what was seen in a scenario with kills."""
    rode_over = str(tally.rode_over) if name == "server" else "–"
    cells = (tally.kills, tally.opened, tally.between, rode_over, tally.equal, f"{seconds:.0f}")
    print(f"| {name} | {' | '.join(map(str, cells))} |", flush=True)
    for message, times in tally.said.items():
        print(f"did not open, {times} times: {message}", file=sys.stderr)


def print_writers(engine: str, tally: Tally, rounds: int) -> None:
    """Print what was seen in a scenario with two writers."""
    print(
        f"\nTwo writers at once, {engine}: {tally.between} of {rounds} graphs between the states of the two, "
        f"{tally.equal} equal after one ran alone"
    )
    for message, times in sorted(tally.said.items()):
        print(f"- {times} times: {message}", flush=True)


def main() -> None:
    """Run the scenarios that were named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", nargs="+", metavar="INPUT")
    parser.add_argument("--scenarios", nargs="+", choices=SCENARIOS, default=SCENARIOS)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    stop_cleanly()
    with tempfile.TemporaryDirectory(prefix="kgraph-faults-") as folder, ExitStack() as stack:
        workshop = Workshop(Path(folder), args.inputs)
        server = Neo4jServer(Path(folder) / "neo4j")
        if {"load", "server", "writers"} & set(args.scenarios):
            stack.enter_context(server)
        makers: dict[str, Callable[[], Scenario]] = {
            "link": lambda: workshop.linked("link", MANY),
            "link-few": lambda: workshop.linked("link-few", FEW),
            "build": lambda: workshop.built("build"),
            "load": lambda: workshop.loaded("load", server.url),
            "server": lambda: workshop.loaded("server", server.url),
        }
        print("| killed | kills | opened | between | rode over | equal after the rerun | seconds |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for name in args.scenarios:
            if name in makers:
                begin = time.perf_counter()
                tally = disturb(makers[name](), args.kills, Random(args.seed), server if name == "server" else None)
                print_kills(name, tally, time.perf_counter() - begin)
        if "writers" in args.scenarios:
            print_writers("embedded", write_at_once(workshop.linked("two", MANY), WRITERS_ROUNDS), WRITERS_ROUNDS)
            print_writers("Neo4j", write_at_once(workshop.loaded("both", server.url), WRITERS_ROUNDS), WRITERS_ROUNDS)


if __name__ == "__main__":
    main()
