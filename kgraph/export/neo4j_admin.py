"""The CSV files of `neo4j-admin database import full`: the fastest way of a whole graph into a new Neo4j database.

The folder holds, for each label and for each type of edge between two labels, a file of rows and one of its header;
`import.sh`, which runs the command; and `schema.cypher`, the constraints and indexes. The database is then the one that
`kgraph load` would have made, so a load after it has nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import NoneType
from typing import Final, TextIO

from kgraph.cypher_files import cypher_folder
from kgraph.errors import UsageError
from kgraph.schema import Entity, LinkedPaper
from kgraph.store import Row
from kgraph.store.statements import graph_rows
from kgraph.whole_file import whole_file

SCRIPT: Final = "import.sh"
# No cleaned text holds this character, the unit separator.
_SEPARATOR: Final = "\x1f"
# The one field that may be NULL is a year.
_TYPES: Final = {str: "string", list: "string[]", float: "double", int: "long", NoneType: "long"}
_LEAD: Final = """\
#!/bin/sh
# Makes a Neo4j database of these files. The server must be stopped, and the database new or empty:
#     sh import.sh [DATABASE] [OPTION...]        neo4j where no DATABASE is given; --overwrite-destination replaces one
# Then start the server and run `kgraph load neo4j://HOST`: it adds constraints and indexes, and finds no other change.
# Where there is no kgraph: cypher-shell --file schema.cypher
cd "$(dirname "$0")" || exit
"""
_COMMAND: Final = 'exec neo4j-admin database import full "$@" --array-delimiter=U+001F --multiline-fields=true'


def write_neo4j_admin(entities: Mapping[str, Entity], papers: Iterable[LinkedPaper], folder: Path) -> tuple[int, int]:
    """Write entities and papers as `read_store` gives them, one by one; return the number of nodes and of edges.

    Raises:
        UsageError: the graph is empty, a list holds what the format has no way to write, or a file cannot be written.
    """
    with ExitStack() as stack:
        tables = _Tables(folder, stack)
        by_id = sorted(entities.values(), key=lambda entity: entity.id)
        for table, ends, row in graph_rows(by_id, papers):
            tables.add(table, ends, row)
        tables.finish()
    return tables.nodes, tables.edges


class _Tables:
    """The files of an export; a table has files from its first row on."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._files: dict[str, TextIO] = {}
        self.nodes = self.edges = 0

    def add(self, table: str, ends: tuple[str, str] | None, row: Row) -> None:
        """Write a row as `graph_rows` gives it: a node, or an edge between nodes of the labels `ends`."""
        if ends is None:
            self._add(f"nodes={table}=", table, [f"id:ID({table})"], row)
            self.nodes += 1
        else:
            keys = [f":START_ID({ends[0]})", f":END_ID({ends[1]})"]
            self._add(f"relationships={table}=", f"{table}.{ends[0]}-{ends[1]}", keys, row)
            self.edges += 1

    def finish(self) -> None:
        """Write what imports the tables."""
        if not self._files:
            raise UsageError("the graph is empty: there is nothing to import")
        script = " \\\n    ".join((_COMMAND, *sorted(self._files)))
        self._open(SCRIPT).write(f"{_LEAD}{script}\n")
        self._open("schema.cypher").write((cypher_folder() / "schema" / "neo4j.cypher").read_text(encoding="utf-8"))

    def _add(self, option: str, name: str, keys: list[str], row: Row) -> None:
        """Write a row into the table of this name; `keys` are the headings of its first columns."""
        # Neo4j 2026 takes no bare name of a file.
        argument = f"--{option}./{name}.header.csv,./{name}.csv"
        if argument not in self._files:
            fields = [f"{field}:{_TYPES[type(value)]}" for field, value in row.items()]
            self._open(f"{name}.header.csv").write(",".join([*keys, *fields[len(keys) :]]) + "\n")
            self._files[argument] = self._open(f"{name}.csv")
        self._files[argument].write(",".join(map(_cell, row.values())) + "\n")

    def _open(self, name: str) -> TextIO:
        draft = self._stack.enter_context(whole_file(self._folder / name))
        return self._stack.enter_context(draft.open("w", encoding="utf-8", newline="\n"))


def _cell(value: object) -> str:
    """Return a value as it comes back: nothing at all is NULL, and an empty text stands in quotes."""
    if value is None:
        return ""
    text = _joined(value) if isinstance(value, list) else value
    return '"' + text.replace('"', '""') + '"' if isinstance(text, str) else repr(text)


def _joined(items: list[str]) -> str:
    text = _SEPARATOR.join(items)
    if items != (text.split(_SEPARATOR) if text else []):
        raise UsageError(f"neo4j-admin has no way to write the list {items}: an empty text alone, or with U+001F in it")
    return text
