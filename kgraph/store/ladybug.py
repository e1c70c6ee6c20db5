"""The embedded Cypher engine (ladybug): a graph in a folder of its own, without a server.

The folder NAME.kg holds `graph.lb` and the engine's own files beside it. A graph that is filled in one go is made in
`NAME.kg/draft` and takes the place of `graph.lb` when it is whole.
"""

from __future__ import annotations

import glob
import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from decimal import Decimal
from itertools import islice, takewhile
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast
from weakref import WeakValueDictionary

from kgraph.errors import CypherError, StoreError
from kgraph.schema import Entity, LinkedPaper
from kgraph.store.base import (
    Row,
    Step,
    Store,
    bound_parameters,
    out_of_time,
    refused_parameter,
    schema_statements,
)
from kgraph.store.bulk import TableFile, write_tables
from kgraph.store.ladybug_files import (
    DRAFT,
    FILE,
    begin_anew,
    has_short_log,
    mark_left,
    open_to_read,
    open_to_write,
    reason_of,
)

if TYPE_CHECKING:
    import ladybug

# The engine refuses what would change the graph, by the kind of the transaction. It has no switch for what reaches out
# of the database, and lets it pass even where the database was opened for reading: only the words tell that.
_HIDDEN: Final = re.compile(r"""//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`""", re.DOTALL)
_OUTSIDE: Final = re.compile(
    r"^\s*(?:(?:EXPLAIN|PROFILE)\s+)?(?:COPY|EXPORT|IMPORT|ATTACH|DETACH|USE|INSTALL|UNINSTALL|UPDATE|LOAD)\b|\bLOAD\s+FROM\b",
    re.IGNORECASE,
)
_NO_PARAMETER: Final = re.compile(r"Unknown parameter type|Unable to cast Python instance")
_NEVER: Final = Event()


class LadybugStore(Store):
    """A graph in a folder; one process writes, others may read beside it."""

    engine: ClassVar[str] = "ladybug"
    can_refill: ClassVar[bool] = True
    _writers: ClassVar[WeakValueDictionary[Path, LadybugStore]] = WeakValueDictionary()

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        """Open the graph in `folder`; for writing, make it where there is none and set it aside where it is damaged.

        Raises:
            StoreError: there is no graph to read, someone else writes to it, or it cannot be opened.
        """
        self._folder, self._file = folder, folder.resolve() / FILE
        self._to_close: list[ladybug.Database] = []
        if read_only:
            self._connect(open_to_read(folder, written_here=self._file in self._writers))
        else:
            self._refuse_second_writer()
            self._connect(open_to_write(folder))
            self._writers[self._file] = self
        try:
            self._check_schema(read_only)
        except BaseException:
            self.close()
            raise

    def run(
        self,
        cypher: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        seconds: float | None = None,
        max_rows: int | None = None,
        write: bool = False,
    ) -> list[Row]:
        """See `Store.run`."""
        bound = bound_parameters(cypher, parameters)
        if _OUTSIDE.search(_HIDDEN.sub(" ", cypher)):
            raise CypherError("the query would reach outside the database: COPY, LOAD and their like are refused")
        begin = "BEGIN TRANSACTION" if write else "BEGIN TRANSACTION READ ONLY"
        with _errors(CypherError):
            try:
                with self._transaction(begin):
                    return self._execute_stoppably(cypher, bound, seconds, max_rows)
            finally:
                self._forget_plans()

    def write(self, steps: Sequence[Step]) -> None:
        """See `Store.write`."""
        with _errors(StoreError), self._transaction("BEGIN TRANSACTION"):
            for step in steps:
                self._execute(step.cypher, dict(step.parameters))

    def refill(self, entities: Iterable[Entity], papers: Iterable[LinkedPaper]) -> None:
        """See `Store.refill`."""
        draft = self._file.parent / DRAFT
        try:
            with LadybugStore(draft) as new:
                new._copy_from(write_tables(draft, new._columns, entities, papers))
            self._replace_by(draft / FILE)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def close(self) -> None:
        """See `Store.close`."""
        writer = self._writers.get(self._file, self)
        leaves_log = self._writers.get(self._file) is self and has_short_log(self._folder)
        if leaves_log:
            with suppress(RuntimeError):
                self._execute("CALL force_checkpoint_on_close=false")
        self._connection.close()
        # A process loses its lock on a file as soon as it closes the file, however often it has it open.
        writer._to_close.append(self._database)
        if writer is self:
            for database in self._to_close:
                database.close()
            if leaves_log:
                mark_left(self._folder)
            self._writers.pop(self._file, None)

    def _refuse_second_writer(self) -> None:
        # The engine's lock holds between processes, but it lets a second writer of the same process pass.
        if self._file in self._writers:
            raise StoreError(f"{self._folder}: open for writing already in this process; close that one first")

    def _connect(self, database: ladybug.Database) -> None:
        import ladybug

        self._database, self._connection = database, ladybug.Connection(database)
        self._execute("CALL auto_checkpoint=true")

    def _forget_plans(self) -> None:
        """Connect anew: a connection keeps the plan of every text, and each holds some of the memory for pages."""
        import ladybug

        self._connection.close()
        self._connection = ladybug.Connection(self._database)

    def _disconnect(self) -> None:
        self._connection.close()
        self._database.close()

    def _check_schema(self, read_only: bool) -> None:
        statements = schema_statements(self.engine)
        wanted = hashlib.sha256("\n".join(statements).encode()).hexdigest()
        with _errors(StoreError):
            found = [row["comment"] for row in self._execute("CALL show_tables() WHERE name = 'Paper' RETURN comment")]
            if found == [wanted]:
                return
            if read_only:
                raise StoreError(f"{self._folder}: no graph of this version of kgraph; run `kgraph build` to make it")
            if found:
                self._disconnect()
                self._connect(begin_anew(self._folder, "made by another version of kgraph"))
            with self._transaction("BEGIN TRANSACTION"):
                for statement in [*statements, f"COMMENT ON TABLE Paper IS '{wanted}'"]:
                    self._execute(statement)

    def _columns(self, table: str) -> dict[str, str]:
        """Return the types of a table's columns by their names, in order."""
        with _errors(StoreError):
            found = self._execute(f"CALL table_info('{table}') RETURN name, type")
        return {row["name"]: row["type"] for row in found}

    def _copy_from(self, files: Iterable[TableFile]) -> None:
        # Only into a new graph: a COPY that fails was seen to spoil the key index of a table that had rows.
        with _errors(StoreError):
            for file in files:
                ends = f" (from='{file.ends[0]}', to='{file.ends[1]}')" if file.ends else ""
                self._execute(f"COPY {file.table} FROM '{_pattern(file.path)}'{ends}")
            self._execute("CHECKPOINT")

    def _replace_by(self, file: Path) -> None:
        """Take another file in place of ours.

        The engine finds its log by name and would take it for that of the other file, so there must be none: ours is
        written down before, and closing must not write another, for then the name is the new file's already.
        """
        with _errors(StoreError):
            self._execute("CHECKPOINT")
            self._execute("CALL force_checkpoint_on_close=false")
        try:
            file.replace(self._file)
        except OSError as error:
            raise StoreError(f"{self._folder}: cannot write here: {error.strerror}") from error
        self._disconnect()
        self._connect(open_to_write(self._folder))

    def _execute_stoppably(
        self, cypher: str, parameters: dict[str, Any], seconds: float | None, max_rows: int | None
    ) -> list[Row]:
        # Python hears of a Ctrl-C while it waits for another thread, but not while the engine is at work in this one.
        stop = Event()
        with ThreadPoolExecutor(max_workers=1) as thread:
            running = thread.submit(self._execute, cypher, parameters, max_rows, stop)
            try:
                return running.result(seconds)
            except TimeoutError:
                raise out_of_time(seconds) from None
            finally:
                stop.set()
                # The engine forgets an interrupt that comes while it is still planning.
                while not running.done():
                    self._connection.interrupt()
                    wait([running], timeout=0.05)

    def _execute(
        self,
        cypher: str,
        parameters: dict[str, Any] | None = None,
        max_rows: int | None = None,
        stop: Event = _NEVER,
    ) -> list[Row]:
        with cast("ladybug.QueryResult", self._connection.execute(cypher, parameters)) as result:
            names = result.get_column_names()
            wanted = takewhile(lambda _: not stop.is_set(), islice(result, max_rows))
            return [dict(zip(names, map(_plain, values), strict=True)) for values in wanted]

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self._execute(begin)
        try:
            yield
            self._execute("COMMIT")
        except BaseException:
            # Most errors have ended the transaction already, and then there is nothing to roll back.
            with suppress(RuntimeError):
                self._execute("ROLLBACK")
            raise


@contextmanager
def _errors(kind: type[StoreError]) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise refused_parameter(error) if _NO_PARAMETER.search(str(error)) else kind(reason_of(error)) from error
    except (TypeError, ValueError, OverflowError) as error:
        raise refused_parameter(error) from error


def _pattern(path: Path) -> str:
    """Return the path as the engine reads it in quotes, where it is a pattern."""
    return glob.escape(str(path)).replace("\\", "\\\\").replace("'", "\\'")


def _plain(value: Any) -> Any:
    """Turn the engine's values into what Neo4j's driver gives: properties without the engine's own keys, integers."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return _plain_dict(value)
    return value


def _plain_dict(value: dict[str, Any]) -> dict[str, Any]:
    if value.keys() == {"_NODES", "_RELS"}:
        return {"nodes": _plain(value["_NODES"]), "relationships": _plain(value["_RELS"])}
    if "_LABEL" in value:
        return {key: _plain(item) for key, item in value.items() if key[0] != "_" and item is not None}
    return {key: _plain(item) for key, item in value.items()}
