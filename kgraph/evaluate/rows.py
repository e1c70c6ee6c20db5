"""Files of annotations: one JSON object a line, as `kgraph extract` writes them.

    {"id": ..., "entities": [{"type", "name", "surfaces", "role"}, ...], "relations": [[type, head, tail], ...]}

A gold file has the title and the abstract besides. Files may be gzipped; `-` is standard input.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from kgraph.errors import InputError
from kgraph.evaluate.matching import AnnotatedEntity
from kgraph.evaluate.scores import Annotation
from kgraph.read.clean import clean_line
from kgraph.read.fields import make_record
from kgraph.read.record import make_paper
from kgraph.read.source import GZIP_ERRORS, Source
from kgraph.schema import ENTITY_LABELS, ROLES, Paper

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class _Row:
    source: Source
    line: int
    fields: Mapping[str, Any]


def read_predicted(path: str) -> list[Annotation]:
    """Read predictions; entities of other types are left out.

    Raises `InputError` for a file that cannot be read, a broken row, and an id that comes twice.
    """
    return _read_rows(path, lambda row: make_annotation(row.fields))


def read_gold(path: str) -> list[Annotation]:
    """Read gold annotations.

    Raises `InputError` as `read_predicted`, for a type or a role that is none, and where there are no papers.
    """
    return _some(_read_rows(path, lambda row: _make_gold(row.fields)), path)


def read_gold_papers(path: str) -> tuple[list[Paper], list[Annotation]]:
    """Read gold annotations, and the papers that they are of: their texts, cleaned as `read_papers` cleans them.

    Raises `InputError` as `read_gold`, and for a row that has neither title nor abstract.
    """
    rows = _some(_read_rows(path, lambda row: (_make_gold(row.fields), _make_paper(row))), path)
    return [paper for _, paper in rows], [annotation for annotation, _ in rows]


def make_annotation(fields: Mapping[str, Any]) -> Annotation:
    """Return the annotation that a JSON object holds; entities of other types are left out.

    Raises `ValueError` with a short reason where it holds none.
    """
    entities = map(_entity, _list(fields, "entities"))
    return Annotation(
        _id(fields),
        tuple(entity for entity in entities if entity.label in ENTITY_LABELS),
        frozenset(map(_relation, _list(fields, "relations"))),
    )


def _read_rows(path: str, make: Callable[[_Row], _Made]) -> list[_Made]:
    made, lines = list[_Made](), dict[str, int]()
    with Source(path) as source:
        for number, line in _lines(source):
            try:
                row = _Row(source, number, _parse(line))
                _check_new(_id(row.fields), lines, number)
                made.append(make(row))
            except ValueError as error:
                raise source.error(str(error), number) from error
    return made


def _lines(source: Source) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank, with their numbers."""
    number = 0
    try:
        for number, line in enumerate(source.text(), 1):
            if line.strip():
                yield number, line
    except GZIP_ERRORS as error:
        raise source.error(f"damaged gzip: {error}", number) from error


def _parse(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:  # lone surrogates: bytes that are no text
        raise ValueError("not valid UTF-8") from error
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", "too deep, or a number is too long")
        raise ValueError(f"not JSON: {reason} at column {getattr(error, 'colno', 1)}") from error
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _check_new(paper_id: str, lines: dict[str, int], number: int) -> None:
    before = lines.setdefault(paper_id, number)
    if before != number:
        raise ValueError(f"the paper {paper_id!r} is in line {before} too")


def _some(rows: list[_Made], path: str) -> list[_Made]:
    if not rows:
        raise InputError("no papers in it", path)
    return rows


def _make_gold(fields: Mapping[str, Any]) -> Annotation:
    for entity in map(_entity, _list(fields, "entities")):
        if entity.label not in ENTITY_LABELS:
            raise ValueError(f"{entity.label!r} is no type of entities: use {', '.join(ENTITY_LABELS)}")
        if entity.role not in ("", *ROLES):
            raise ValueError(f"{entity.role!r} is no role: use {', '.join(ROLES)}")
    return make_annotation(fields)


def _make_paper(row: _Row) -> Paper:
    texts = {name: row.fields.get(name) for name in ("id", "title", "abstract")}
    if not texts["title"] and not texts["abstract"]:
        raise ValueError("no title and no abstract to extract from; --predicted takes what was extracted before")
    return make_paper(make_record(texts, row.line), row.source)


def _id(fields: Mapping[str, Any]) -> str:
    """Return the id as `kgraph extract` prints it."""
    match fields.get("id"):
        case str() | int() as value if paper_id := clean_line(str(value)):
            return paper_id
    raise ValueError("no id")


def _list(fields: Mapping[str, Any], name: str) -> list[Any]:
    match fields.get(name):
        case list() as values:
            return values
    raise ValueError(f"no list of {name}")


def _entity(value: Any) -> AnnotatedEntity:
    match value:
        case {"type": str(label), "name": str(name)}:
            surfaces, role = value.get("surfaces") or [], value.get("role") or ""
            if isinstance(role, str) and isinstance(surfaces, list) and all(isinstance(one, str) for one in surfaces):
                return AnnotatedEntity(label, name, tuple(surfaces), role)
    raise ValueError(f"not an entity (type, name, surfaces, role): {value!r}")


def _relation(value: Any) -> tuple[str, str, str]:
    match value:
        case [str(kind), str(head), str(tail)]:
            return kind, head, tail
    raise ValueError(f"not a relation [type, head, tail]: {value!r}")
