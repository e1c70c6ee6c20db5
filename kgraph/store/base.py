"""What a Cypher engine must be able to do for kgraph, and what all engines do alike."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Final, NamedTuple, Self

from kgraph.cypher_files import cypher_folder
from kgraph.errors import CypherError, ParameterError
from kgraph.schema import Entity, LinkedPaper

Row = dict[str, Any]


class Step(NamedTuple):
    """One writing statement with its parameters; `by_key` where it finds nodes by their ids, and edges not at all.

    There is but one good plan of such a text, however large the graph is.
    """

    cypher: str
    parameters: Mapping[str, Any]
    by_key: bool = False


class Store(ABC):
    """A graph database: a projection of the records that can be filled again at any time.

    A store is a context manager; leaving it closes the connection. Every method raises `StoreError` or one of its kinds
    when the engine fails, and `ParameterError` for parameters that it cannot take.
    """

    engine: ClassVar[str]
    """The engine's name: it picks `cypher/schema/ENGINE.cypher`."""

    can_refill: ClassVar[bool] = False
    """Whether the engine has `refill`, which is faster than `write` where most of the graph is new."""

    @abstractmethod
    def run(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        seconds: float | None = None,
        max_rows: int | None = None,
        write: bool = False,
    ) -> list[Row]:
        """Run one Cypher text with bound parameters; one that writes is refused unless `write`.

        Rows come in order; their keys are the returned column names. Nodes and relationships come as dicts of their
        properties, a path as a dict of its `nodes` and `relationships`. Parameters that the text does not name are
        ignored; one that it names and that is missing is a `ParameterError`. After `seconds` it is stopped, which is a
        `CypherError`; rows after the first `max_rows` are not read. What writes is run once, whatever happens.
        """

    @abstractmethod
    def write(self, steps: Sequence[Step]) -> None:
        """Run writing statements in one transaction: all of them or none.

        A server that goes away in the middle may have done all steps already when they are run again, so steps must
        bear being repeated as a whole.
        """

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only process that writes in this way, while others read; a second one gets a `StoreError`.

        Here there is nothing to do: an engine that locks its files when they are opened for writing is enough.
        """
        yield

    def give_up(self) -> None:  # noqa: B027 - there is nothing that each engine must do
        """Let reads and writes of other threads, which go on trying while the engine is away, fail soon.

        Here there is nothing to do: files do not go away.
        """

    def refill(self, entities: Iterable[Entity], papers: Iterable[LinkedPaper]) -> None:
        """Put this graph in place of all that the store holds: wholly, or not at all where it fails.

        The entities are just those that the papers' statements name. Others read the old graph meanwhile.
        """
        raise NotImplementedError(f"{self.engine} cannot be filled in one go")

    @abstractmethod
    def close(self) -> None:
        """Close the connection; closing twice is harmless."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


# Comments, strings and names in backticks hide what they hold; what is left is a parameter or the end of a statement.
_TOKEN: Final = re.compile(
    r"""
      //[^\n]* | /\*.*?\*/
    | '(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*"
    | \$(?P<parameter>\w+|`[^`]+`)
    | `[^`]*`
    | (?P<end>;)
    | (?P<text>[^\s;])
    """,
    re.VERBOSE | re.DOTALL,
)


def bound_parameters(cypher: str, parameters: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return those parameters that the text names, after checking that none is missing and that it is one statement.

    The embedded engine would take a missing parameter for NULL, Neo4j would refuse it; one refuses surplus ones, the
    other does not mind.

    Raises:
        ParameterError: the text names a parameter that is not given.
        CypherError: there is more than one statement in the text, or none.
    """
    given = parameters or {}
    tokens = list(_TOKEN.finditer(cypher))
    named = {token["parameter"].strip("`") for token in tokens if token["parameter"]}
    if missing := sorted(named - given.keys()):
        raise ParameterError(f"the query needs a value for {', '.join(f'${name}' for name in missing)}")
    statements = "".join(";" if token["end"] else "x" for token in tokens if token["end"] or token["text"]).strip(";")
    if not statements or ";" in statements:
        raise CypherError("the query must be exactly one Cypher statement")
    return {name: list(given[name]) if isinstance(given[name], tuple) else given[name] for name in sorted(named)}


def refused_parameter(error: Exception) -> ParameterError:
    """Return the error for a parameter whose value has no counterpart in the engine, or does not fit into it."""
    return ParameterError(f"a parameter has a value that the engine cannot take: {one_line(str(error))}")


def schema_statements(engine: str) -> list[str]:
    """Return the statements of `cypher/schema/ENGINE.cypher`; each ends with a semicolon at the end of a line."""
    text = (cypher_folder() / "schema" / f"{engine}.cypher").read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
    return [statement.strip() for statement in re.split(r";[ \t]*(?:\n|$)", code) if statement.strip()]


def one_line(message: str) -> str:
    """Shorten an engine's message: without the query's text and a caret under it, nor the list of all keywords."""
    said = " ".join(re.split(r'\n\s*"|\nSee the docs', message)[0].split())
    return re.sub(r"(?<= input )(.*?):? expect(?:ed|ing) .*(?= \(line)", r"\1", said)


def out_of_time(seconds: float | None) -> CypherError:
    """Return the error for a text that took longer than it may."""
    return CypherError(f"the query was stopped after {seconds:g} s: ask for less, or allow it more time")
