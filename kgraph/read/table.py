"""Tables: CSV and TSV with a header line, and Parquet."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from kgraph.errors import InputError
from kgraph.read.detect import find_delimiter
from kgraph.read.fields import FIELD_NAMES, make_record, normalise_name
from kgraph.read.record import Record
from kgraph.read.source import Source

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

FIELD_LIMIT: Final = 2**31 - 1  # characters; the csv module's own limit of 131,072 is less than some fields have
BATCH_SIZE: Final = 1000  # rows
_KNOWN: Final = frozenset(name for names in FIELD_NAMES.values() for name in names)
_TEXTS: Final = frozenset(FIELD_NAMES["title"] + FIELD_NAMES["abstract"])


def read_csv(source: Source) -> Iterator[Record | InputError]:
    """Yield the rows of a table whose first line names the columns; the line number is where a row begins.

    The delimiter is the one of `,`, tab, `;` and `|` that makes the header's names known ones. After a row with broken
    quotes reading goes on at the line after the one where it began.
    """
    delimiter = find_delimiter(source.first_line)
    if delimiter is None:
        raise _no_columns(source, source.first_line)
    csv.field_size_limit(FIELD_LIMIT)
    lines = _Lines(source.text(newline=""))
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    names: list[str] = []
    while True:
        first = lines.start_row()
        try:
            row = next(rows, None)
        except csv.Error as error:
            if not names:
                raise source.error(f"not CSV: {error}", first) from error
            yield source.error(f"not CSV: {error}", first)
            lines.go_back()
            continue
        if row is None:
            return
        if not names:
            names = row
        elif row:
            yield _row(source, names, row, first)


class _Lines:
    """Lines that are given out again when the row that took them was broken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self._row: list[str] = []
        self._next = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self._row.append(line)
        return line

    def start_row(self) -> int:
        """Begin a new row; return its line number."""
        self._next += len(self._row)
        self._row = []
        return self._next

    def go_back(self) -> None:
        """Take back all lines of the row but its first."""
        self._again.extendleft(reversed(self._row[1:]))
        self._row = self._row[:1]


def _row(source: Source, names: list[str], row: list[str], line: int) -> Record | InputError:
    if any(cell.strip() for cell in row[len(names) :]):
        return source.error(f"more fields than the header's {len(names)}", line)
    try:
        return make_record(dict(zip(names, row, strict=False)), line)
    except ValueError as error:
        return source.error(str(error), line)


def read_parquet(source: Source) -> Iterator[Record | InputError]:
    """Yield the rows of a Parquet file; only the columns that hold something of a paper are read."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    with tempfile.TemporaryFile() as copy:
        try:
            with ParquetFile(_seekable(source, copy)) as file:
                yield from _rows(source, file)
        except (pa.ArrowException, OSError) as error:
            raise source.error(f"not Parquet: {str(error).partition(chr(10))[0]}") from error


def _seekable(source: Source, copy: IO[bytes]) -> str | IO[bytes]:
    """Parquet is read from its end: what cannot be sought goes into a file first."""
    if not source.is_zipped and Path(source.name).is_file():
        return source.name
    shutil.copyfileobj(source.stream, copy)
    return copy


def _rows(source: Source, file: ParquetFile) -> Iterator[Record | InputError]:
    columns = [name for name in file.schema_arrow.names if normalise_name(name) in _KNOWN]
    if not any(normalise_name(name) in _TEXTS for name in columns):
        raise _no_columns(source, ", ".join(file.schema_arrow.names))
    number = 0
    for batch in file.iter_batches(BATCH_SIZE, columns=columns):
        for row in batch.to_pylist():
            number += 1
            try:
                yield make_record(row, number)
            except ValueError as error:
                yield source.error(str(error), number)


def _no_columns(source: Source, names: str) -> InputError:
    return source.error(f"no column is called title or abstract: {names[:200]}", 1)
