"""The files of the library: where a query is found, and what its header says.

`NAME.cypher` serves every engine; where one needs another text, `NAME.ENGINE.cypher` is taken before it, and the
headers of the variants are the same. A header is the lines that begin with `//`:

    // Which methods are used for a task? Most papers first.      what it answers, in one line or more
    // $task: Task                   the task                     parameters, see `kgraph.query.parameters`
    // $limit: int = 20              rows at most
    // Edge: id USED_FOR $task                                    what a row is in a graph, see `kgraph.query.rows`
    // Example: kgraph query methods-for-task -p task="object detection"      has rows in the bundled sample
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from kgraph.cypher_files import cypher_folder
from kgraph.errors import UnknownQueryError

EMBEDDED: Final = "ladybug"
_NAME: Final = re.compile(r"[a-z]+(?:-[a-z]+)*")
_PARAMETER: Final = re.compile(r"\$(?P<name>\w+): (?P<type>[\w.]+)(?: = (?P<default>\S.*?))?(?:  +(?P<about>.*))?")
_EDGE: Final = re.compile(r"Edge: (?P<source>\$?\w+) (?P<type>\w+) (?P<target>\$?\w+)")
_EXAMPLE: Final = re.compile(r"Example: (?P<command>.+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query; `default` is None where a value must be given."""

    name: str
    type: str
    default: str | None
    about: str


@dataclass(frozen=True, slots=True)
class Edge:
    """What a row is in a graph: `source` and `target` are columns with ids, or `$parameters`.

    `type` is the column with the type of the edge, or that type itself, in capitals.
    """

    source: str
    type: str
    target: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query of the library: what it answers, what it takes, an example, and its Cypher text for one engine."""

    name: str
    question: str
    parameters: tuple[Parameter, ...]
    edges: tuple[Edge, ...]
    example: str
    cypher: str

    @property
    def example_values(self) -> dict[str, str]:
        """The parameters that the example gives."""
        words = shlex.split(self.example)
        given = (word.partition("=") for option, word in pairwise(words) if option == "-p")
        return {name: value for name, _, value in given}


def list_queries(engine: str = EMBEDDED) -> list[Query]:
    """Return every query of the library for an engine, by name."""
    names = {path.name.partition(".")[0] for path in _folder().glob("*.cypher")}
    return [find_query(name, engine) for name in sorted(names)]


def find_query(name: str, engine: str = EMBEDDED) -> Query:
    """Return the query of that name for an engine. Raises `UnknownQueryError`."""
    if _NAME.fullmatch(name):
        for path in (_folder() / f"{name}.{engine}.cypher", _folder() / f"{name}.cypher"):
            if path.is_file():
                return _read_query(name, path)
    raise UnknownQueryError(f"no query is called {name!r}: see `kgraph query --list`")


def _folder() -> Path:
    return cypher_folder() / "queries"


def _read_query(name: str, path: Path) -> Query:
    lines = path.read_text(encoding="utf-8").splitlines()
    header = [line.removeprefix("//").strip() for line in lines if line.startswith("//")]
    parameters, edges, examples = (tuple(_matches(pattern, header)) for pattern in (_PARAMETER, _EDGE, _EXAMPLE))
    read = {found.string for found in (*parameters, *edges, *examples)}
    return Query(
        name=name,
        question=" ".join(line for line in header if line not in read),
        parameters=tuple(
            Parameter(found["name"], found["type"], found["default"], found["about"] or "") for found in parameters
        ),
        edges=tuple(Edge(**found.groupdict()) for found in edges),
        example=examples[0]["command"] if examples else "",
        cypher="\n".join(line for line in lines if not line.startswith("//")),
    )


def _matches(pattern: re.Pattern[str], lines: list[str]) -> Iterator[re.Match[str]]:
    return (found for line in lines if (found := pattern.fullmatch(line)))
