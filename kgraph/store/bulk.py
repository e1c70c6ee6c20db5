"""A whole graph as Parquet files, one for each table of a columnar engine, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kgraph.errors import StoreError
from kgraph.schema import Entity, LinkedPaper
from kgraph.store.base import Row, one_line
from kgraph.store.statements import graph_rows

if TYPE_CHECKING:
    import pyarrow

# Few enough that eighteen tables hold back little, many enough that the files are read fast.
_ROWS_AT_ONCE: Final = 5000

# The files are read once, at once.
_PLAIN: Final = {"compression": "none", "use_dictionary": False, "write_statistics": False}

Columns = Callable[[str], Mapping[str, str]]
"""Gives the columns of a table, in order, with their types in the engine's words."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """All rows of a node table, or those rows of an edge table that go from one label to another (its `ends`).

    The columns are the table's own, in its order; before those of edges come the ids of their ends.
    """

    path: Path
    table: str
    ends: tuple[str, str] | None = None


def write_tables(
    folder: Path, columns: Columns, entities: Iterable[Entity], papers: Iterable[LinkedPaper]
) -> list[TableFile]:
    """Write a graph to files in `folder`, and return these, nodes first. Raises `StoreError` where it cannot write."""
    with _Writers(folder, columns) as writers:
        for table, ends, row in graph_rows(entities, papers):
            writers.add(table, ends, row)
    return sorted(writers.files, key=lambda file: file.ends is not None)


@dataclass(slots=True)
class _Table:
    file: TableFile
    writer: Any
    rows: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        self.rows.append(row)
        if len(self.rows) == _ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        import pyarrow

        rows = pyarrow.Table.from_pylist(self.rows, schema=self.writer.schema)
        with _write_errors(self.file.path):
            self.writer.write_table(rows)
        self.rows.clear()


class _Writers:
    """Open files, one for each table that got a row; left well, they are whole."""

    def __init__(self, folder: Path, columns: Columns) -> None:
        self._folder, self._columns = folder, columns
        self._tables: dict[tuple[str, tuple[str, str] | None], _Table] = {}
        self._open = ExitStack()

    @property
    def files(self) -> list[TableFile]:
        return [table.file for table in self._tables.values()]

    def add(self, table: str, ends: tuple[str, str] | None, row: Row) -> None:
        if (found := self._tables.get((table, ends))) is None:
            found = self._tables[table, ends] = self._begin(table, ends)
        found.add(row)

    def __enter__(self) -> _Writers:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with _write_errors(self._folder), self._open:
            if kind is None:
                for table in self._tables.values():
                    table.flush()

    def _begin(self, table: str, ends: tuple[str, str] | None) -> _Table:
        from pyarrow.parquet import ParquetWriter

        path = self._folder / f"{'-'.join((table, *(ends or ())))}.parquet"
        schema = _arrow_schema(self._columns(table), ends is not None)
        with _write_errors(path):
            return _Table(TableFile(path, table, ends), self._open.enter_context(ParquetWriter(path, schema, **_PLAIN)))


@contextmanager
def _write_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path}: cannot write: {error.strerror or one_line(str(error))}") from error


def _arrow_schema(columns: Mapping[str, str], is_edge: bool) -> pyarrow.Schema:
    import pyarrow

    text = pyarrow.string()
    types = {"STRING": text, "INT64": pyarrow.int64(), "DOUBLE": pyarrow.float64(), "STRING[]": pyarrow.list_(text)}
    ends = [("source", text), ("target", text)] if is_edge else []
    return pyarrow.schema([*ends, *((name, types[type]) for name, type in columns.items())])
