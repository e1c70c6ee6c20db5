"""JSON lines, and JSON files: an array, one object, or an object with a list of records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from kgraph.errors import InputError
from kgraph.read.fields import make_record
from kgraph.read.record import Record
from kgraph.read.source import Source

# Where answers of web services keep their records: OpenAlex, Semantic Scholar, Papers with Code and the like.
LIST_KEYS: Final = ("results", "data", "papers")


def read_jsonl(source: Source) -> Iterator[Record | InputError]:
    """Yield the records of one JSON value a line; a line number is the line's."""
    for number, line in enumerate(source.text(), 1):
        if not line.isspace():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield _bad_json(source, error, number)
            else:
                yield from _records(source, value, number)


def read_json(source: Source) -> Iterator[Record | InputError]:
    """Yield the records of a JSON file; their numbers count records. The file is loaded whole."""
    text = source.text().read()
    try:
        value = json.loads(text) if text and not text.isspace() else []
    except (ValueError, RecursionError) as error:
        raise _bad_json(source, error, getattr(error, "lineno", 0)) from error
    for number, record in enumerate(_listed(value), 1):
        yield from _records(source, record, number)


def _records(source: Source, value: Any, number: int) -> Iterator[Record | InputError]:
    for fields in _listed(value):
        try:
            yield make_record(fields, number) if isinstance(fields, dict) else source.error("not an object", number)
        except ValueError as error:
            yield source.error(str(error), number)


def _listed(value: Any) -> list[Any]:
    """Return the records in a value: those of a list, of a list under a known key, or the value itself."""
    if isinstance(value, dict) and "title" not in value and "abstract" not in value:
        value = next((value[key] for key in LIST_KEYS if isinstance(value.get(key), list)), value)
    return value if isinstance(value, list) else [value]


def _bad_json(source: Source, error: Exception, line: int) -> InputError:
    detail = getattr(error, "msg", "") or ("too deep" if isinstance(error, RecursionError) else "a number is too long")
    return source.error(f"not JSON: {detail} at column {getattr(error, 'colno', 1)}", line)
