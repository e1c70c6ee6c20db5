"""The Cypher library: find a named query, describe it, run it on any store.

A query is a file of `cypher/queries/`. Its first lines say what it answers and name its parameters:

    // Which methods are used for a task? Most papers first.
    // $task: Task                   the task
    // $min_confidence: float = 0    confidence of a row, at least
    // $limit: int = 20              rows at most

A parameter's type is `str`, `int` (above 0), `float` (0 to 1), `Label` (Method, Dataset or Task), or the label of a
node (`Method`, `Dataset`, `Task`, `Entity` for any): then the value is a name, any alias in any case, or an id, and the
id is bound. Values are always bound, never spliced into the text. `papers` and `confidence` of a row are those of
`kgraph.support`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kgraph.cypher_files import cypher_folder
from kgraph.errors import NotFoundError, ParameterError, UnknownQueryError
from kgraph.highlight import mark_names
from kgraph.link import entity_id
from kgraph.schema import ENTITY_LABELS, RELATION_TYPES
from kgraph.store import Row, Store
from kgraph.support import relation_of, support

ENTITY: Final = "Entity"
ALL: Final = 2**31 - 1
"""The limit that leaves nothing out."""

# Type of a number -> what reads it, the least and the greatest that it may be, and what to say of another one.
_NUMBERS: Final[dict[str, tuple[Callable[[Any], float], float, float, str]]] = {
    "int": (int, 1, ALL, "a whole number above 0"),
    "float": (float, 0, 1, "a number from 0 to 1"),
}
# What is marked -> the text that it is in.
_MARKED: Final = {"marks": "sentence", "context_marks": "context"}
_PARAMETER: Final = re.compile(r"\$(?P<name>\w+): (?P<type>\w+)(?: = (?P<default>\S.*?))?(?:  +(?P<about>.*))?")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query; `default` is None where a value must be given."""

    name: str
    type: str
    default: str | None
    about: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query of the library: what it answers, what it takes, and its Cypher text."""

    name: str
    question: str
    parameters: tuple[Parameter, ...]
    cypher: str


def list_queries() -> list[Query]:
    """Return every query of the library, by name."""
    return [_read_query(path) for path in sorted((cypher_folder() / "queries").glob("*.cypher"))]


def find_query(name: str) -> Query:
    """Return the query of that name. Raises `UnknownQueryError`."""
    path = cypher_folder() / "queries" / f"{name}.cypher"
    if not re.fullmatch(r"[a-z-]+", name) or not path.is_file():
        raise UnknownQueryError(f"no query is called {name!r}: see `kgraph query --list`")
    return _read_query(path)


def run_query(store: Store, name: str, **parameters: Any) -> list[Row]:
    """Run a query of the library and return its rows.

    Raises `UnknownQueryError`, `ParameterError` for a missing, unknown or mistyped parameter, `NotFoundError` for a
    name that no entity bears, and `StoreError`.
    """
    query = find_query(name)
    if unknown := set(parameters) - {parameter.name for parameter in query.parameters}:
        takes = ", ".join(parameter.name for parameter in query.parameters) or "no parameters"
        raise ParameterError(f"{name} has no parameter {min(unknown)!r}: it takes {takes}")
    return store.run(query.cypher, {p.name: _value(store, name, p, parameters.get(p.name)) for p in query.parameters})


def find_entities(store: Store, name: str, labels: Iterable[str] = ENTITY_LABELS) -> list[Row]:
    """Return the entities (id, kind, name, aliases, papers) that bear a name, an alias or an id, in any case.

    The likeliest is first: that id, that very name, that name in another case or that very alias; then by papers.
    Where none bears it, those of the same normal form. Raises `NotFoundError` with names that are near.
    """
    labels = tuple(labels)
    found = _named(store, name, labels) or [
        row for label in labels for row in _named(store, entity_id(label, name), labels)
    ]
    if found:
        return sorted(found, key=lambda row: _distance(row, name))
    near = _near_names(store, name, labels)
    hint = f"did you mean {', '.join(near)}?" if near else "try `kgraph search` with a part of it"
    raise NotFoundError(f"no {' or '.join(labels).lower()} is called {name!r}; {hint}")


def find_entity(store: Store, name: str, labels: Iterable[str] = ENTITY_LABELS) -> Row:
    """Return the entity that a user means by a name: the first of `find_entities`."""
    return find_entities(store, name, labels)[0]


def search_entities(store: Store, text: str, limit: int = 20) -> list[Row]:
    """Return the entities (id, kind, name, aliases, papers) whose name or an alias contains a text, in any case."""
    return run_query(store, "search-entities", text=text, limit=limit)


def explain(store: Store, name: str, other: str, *, type: str | None = None) -> list[Row]:
    """Return the statements that join two entities, in either direction, of all types or of one: why they are joined.

    The rows are those of the query `statements-between` with the names of the two marked in their texts: `marks` and
    `context_marks` are lists of [start, end]. The best supported relation is first, and its surest statement; a
    comparison is one relation in both directions. Where several entities bear a name (a Method and a Task, say), the
    statements of all of them. Raises `ParameterError` for a type that no relation has.
    """
    if type not in (None, *RELATION_TYPES):
        raise ParameterError(f"no relation is of the type {type!r}: it is one of {', '.join(RELATION_TYPES)}")
    ones, others = ({row["id"]: row["aliases"] for row in find_entities(store, one)} for one in (name, other))
    pairs = {pair for one in ones for two in others for pair in ((one, two), (two, one))}
    relations = _relations_between(store, pairs, ones | others)
    weighed = [_with_support(relations[key]) for key in sorted(relations) if type in (None, key[0])]
    best_first = sorted(weighed, key=lambda rows: (-rows[0]["papers"], -rows[0]["confidence"]))
    return [row for rows in best_first for row in rows]


def describe_entity(store: Store, name: str, *, limit: int = 10) -> dict[str, Any]:
    """Return the card of an entity: id, kind, name, aliases, url, papers (how many), and of each kind at most `limit`:
    the entities that are the `same_terms`, `relations_from` it, `relations_to` it, and `papers_for` it with their
    sentences.
    """
    card = find_entity(store, name)
    card["same_terms"] = run_query(store, "same-terms", entity=card["id"], limit=limit)
    for query in ("relations-from", "relations-to", "papers-for-entity"):
        key = query.removesuffix("-entity").replace("-", "_")
        card[key] = run_query(store, query, entity=card["id"], limit=limit)
    return card


def find_paper(store: Store, paper_id: str) -> Row | None:
    """Return the paper (id, title, year, url) of this id, or None."""
    rows = run_query(store, "paper", paper=paper_id)
    return rows[0] if rows else None


def count_graph(store: Store) -> dict[str, dict[str, int]]:
    """Return how many `nodes` of each label, `edges` of each type, and `papers` of each year there are."""
    return {
        "nodes": {row["kind"]: row["count"] for row in run_query(store, "count-nodes")},
        "edges": {row["type"]: row["count"] for row in run_query(store, "count-edges")},
        "papers": {str(row["year"] or "no year"): row["papers"] for row in run_query(store, "papers-by-year")},
    }


def _read_query(path: Path) -> Query:
    lines = path.read_text(encoding="utf-8").splitlines()
    header = [line.removeprefix("//").strip() for line in lines if line.startswith("//")]
    parameters = tuple(
        Parameter(found["name"], found["type"], found["default"], found["about"] or "")
        for line in header
        if (found := _PARAMETER.fullmatch(line))
    )
    question = " ".join(line for line in header if not line.startswith("$"))
    return Query(path.stem, question, parameters, "\n".join(line for line in lines if not line.startswith("//")))


def _value(store: Store, query: str, parameter: Parameter, given: Any) -> Any:
    value = parameter.default if given is None else given
    if value is None:
        raise ParameterError(f"{query} needs a value for {parameter.name} ({parameter.type}): {parameter.about}")
    if parameter.type == "Label":
        return _label(query, parameter, str(value))
    if parameter.type == ENTITY or parameter.type in ENTITY_LABELS:
        labels = ENTITY_LABELS if parameter.type == ENTITY else (parameter.type,)
        return find_entity(store, str(value), labels)["id"]
    if parameter.type in _NUMBERS:
        return _number(query, parameter, value)
    return str(value)


def _number(query: str, parameter: Parameter, value: Any) -> float:
    read, least, greatest, meant = _NUMBERS[parameter.type]
    try:
        number = read(value)
    except (TypeError, ValueError, OverflowError):
        number = -1
    if not least <= number <= greatest:
        raise ParameterError(f"{query}: {parameter.name} must be {meant}, not {value!r}")
    return number


def _label(query: str, parameter: Parameter, value: str) -> str:
    for label in ENTITY_LABELS:
        if value.casefold() in (label.casefold(), f"{label}s".casefold()):
            return label
    raise ParameterError(f"{query}: {parameter.name} must be one of {', '.join(ENTITY_LABELS)}, not {value!r}")


def _relations_between(
    store: Store, pairs: Iterable[tuple[str, str]], names: Mapping[str, Iterable[str]]
) -> dict[tuple[str, str, str], list[Row]]:
    """Return the statements between these ids, with their names marked, relation by relation."""
    relations: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for source, target in pairs:
        for row in run_query(store, "statements-between", source=source, target=target, limit=ALL):
            marked = _with_marks(row, names[source], names[target])
            relations[relation_of(row["type"], source, target)].append(marked)
    return relations


def _with_marks(row: Row, *names: Iterable[str]) -> Row:
    marks = {key: [list(mark) for mark in mark_names(row[text] or "", *names)] for key, text in _MARKED.items()}
    return row | marks


def _with_support(rows: list[Row]) -> list[Row]:
    """Return the statements of one relation, the surest first, with its support and confidence."""
    papers, confidence = support((row["paper"], row["score"]) for row in rows)
    surest_first = sorted(rows, key=lambda row: (-row["score"], row["id"]))
    return [row | {"papers": papers, "confidence": confidence} for row in surest_first]


def _named(store: Store, name: str, labels: tuple[str, ...]) -> list[Row]:
    return [row for row in run_query(store, "find-entity", text=name, limit=100) if row["kind"] in labels]


def _distance(row: Row, name: str) -> tuple[bool, bool, bool, int, str]:
    near = row["name"].casefold() == name.casefold() or name in row["aliases"]
    return row["id"] != name, row["name"] != name, not near, -row["papers"], row["id"]


def _near_names(store: Store, name: str, labels: tuple[str, ...]) -> list[str]:
    words = sorted(re.findall(r"\w{3,}", name), key=len, reverse=True)
    rows = (row for word in (name, *words) for row in search_entities(store, word, limit=5))
    return list(dict.fromkeys(row["name"] for row in rows if row["kind"] in labels))[:3]
