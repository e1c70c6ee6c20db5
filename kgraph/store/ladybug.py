"""The embedded Cypher engine (ladybug): a graph in a folder of its own, without a server.

The folder NAME.kg holds `graph.lb` and the engine's own files beside it. They can always be made again from the
records, so files that cannot be read are set aside in `NAME.kg/damaged` when they are opened for writing.
"""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast
from weakref import WeakValueDictionary

from kgraph.errors import CypherError, StoreError
from kgraph.store.base import Row, Step, Store, bound_parameters, one_line, refused_parameter, schema_statements

if TYPE_CHECKING:
    import ladybug

_LOG = logging.getLogger(__name__)
# Caps of address space, not of memory in use. A checkpoint was seen to fail with half of this pool; the engine's own
# defaults are 80 % of the memory and 8 TiB, which a limit on virtual memory refuses.
_BUFFER_POOL: Final = 1 << 30
_MAX_SIZE: Final = 1 << 40
# What a read-only transaction lets pass although it reaches outside the database.
_HIDDEN: Final = re.compile(r"""//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`""", re.DOTALL)
_OUTSIDE: Final = re.compile(
    r"^\s*(?:(?:EXPLAIN|PROFILE)\s+)?(?:COPY|EXPORT|IMPORT|ATTACH|INSTALL|LOAD)\b|\bLOAD\s+FROM\b", re.IGNORECASE
)
_LOCKED: Final = re.compile(r"Could not set lock(?:.*PID (\d+))?")
_BEING_WRITTEN: Final = "retry later"
_NO_PARAMETER: Final = re.compile(r"Unknown parameter type|Unable to cast Python instance")
_CHECKPOINT_SECONDS: Final = 2
# An assertion of the engine fails where it reads nonsense from its log for the type of a value.
_WAL_DAMAGE: Final = re.compile(r"WAL file|WAL record|interrupted checkpoint|enableChecksums|Assertion failed")
_DAMAGE: Final = re.compile(
    rf"{_WAL_DAMAGE.pattern}|Checksum verification|not a valid|different version|Cannot read checkpoint"
    r"|duplicated primary key"
)


class LadybugStore(Store):
    """A graph in a folder; one process writes, others may read beside it."""

    engine: ClassVar[str] = "ladybug"
    _writers: ClassVar[WeakValueDictionary[Path, LadybugStore]] = WeakValueDictionary()

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        """Open the graph in `folder`; for writing, make it where there is none and set it aside where it is damaged.

        Raises:
            StoreError: there is no graph to read, someone else writes to it, or it cannot be opened.
        """
        self._file = folder.resolve() / "graph.lb"
        if read_only:
            self._connect(_open_to_read(folder))
        else:
            self._refuse_second_writer(folder)
            self._connect(_open_to_write(folder))
            self._writers[self._file] = self
        try:
            self._check_schema(folder, read_only)
        except BaseException:
            self.close()
            raise

    def run(self, cypher: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """See `Store.run`."""
        bound = bound_parameters(cypher, parameters)
        if _OUTSIDE.search(_HIDDEN.sub(" ", cypher)):
            raise CypherError("the query would reach outside the database: COPY, LOAD and their like are refused")
        with _errors(CypherError), self._transaction("BEGIN TRANSACTION READ ONLY"):
            return self._execute(cypher, bound)

    def write(self, steps: Sequence[Step]) -> None:
        """See `Store.write`."""
        with _errors(StoreError), self._transaction("BEGIN TRANSACTION"):
            for step in steps:
                self._execute(step.cypher, dict(step.parameters))

    def close(self) -> None:
        """See `Store.close`."""
        self._connection.close()
        self._database.close()
        if self._writers.get(self._file) is self:
            del self._writers[self._file]

    def _refuse_second_writer(self, folder: Path) -> None:
        # The engine's lock holds between processes, but it lets a second writer of the same process pass.
        if self._file in self._writers:
            raise StoreError(f"{folder}: open for writing already in this process; close that one first")

    def _connect(self, database: ladybug.Database) -> None:
        import ladybug

        self._database, self._connection = database, ladybug.Connection(database)

    def _check_schema(self, folder: Path, read_only: bool) -> None:
        statements = schema_statements(self.engine)
        wanted = hashlib.sha256("\n".join(statements).encode()).hexdigest()
        with _errors(StoreError):
            found = [row["comment"] for row in self._execute("CALL show_tables() WHERE name = 'Paper' RETURN comment")]
            if found == [wanted]:
                return
            if read_only:
                raise StoreError(f"{folder}: no graph of this version of kgraph; run `kgraph build` to make it")
            if found:
                self._connection.close()
                self._database.close()
                self._connect(_begin_anew(folder, "made by another version of kgraph", _copy_aside(folder)))
            with self._transaction("BEGIN TRANSACTION"):
                for statement in [*statements, f"COMMENT ON TABLE Paper IS '{wanted}'"]:
                    self._execute(statement)

    def _execute(self, cypher: str, parameters: dict[str, Any] | None = None) -> list[Row]:
        with cast("ladybug.QueryResult", self._connection.execute(cypher, parameters)) as result:
            names = result.get_column_names()
            return [dict(zip(names, map(_plain, values), strict=True)) for values in result]

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


def _open_to_read(folder: Path) -> ladybug.Database:
    if not (folder / "graph.lb").is_file():
        raise StoreError(f"{folder}: there is no graph here; run `kgraph build` first")
    deadline = time.monotonic() + _CHECKPOINT_SECONDS
    while True:
        try:
            return _database(folder, read_only=True, strict=False)
        except RuntimeError as error:
            if _BEING_WRITTEN not in str(error) or time.monotonic() > deadline:
                raise _refusal(folder, error) from error
        time.sleep(0.1)


def _open_to_write(folder: Path) -> ladybug.Database:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _open_or_mend(folder)
    except OSError as error:
        raise StoreError(f"{folder}: cannot write here: {error.strerror}") from error


def _open_or_mend(folder: Path) -> ladybug.Database:
    try:
        return _database(folder, strict=True)
    except RuntimeError as error:
        if not _DAMAGE.search(str(error)):
            raise _refusal(folder, error) from error
        reason = one_line(str(error))
    return _mend(folder, reason)


def _mend(folder: Path, reason: str) -> ladybug.Database:
    """Open damaged files leniently where only the log is damaged, else begin anew."""
    aside = _copy_aside(folder)
    if _WAL_DAMAGE.search(reason):
        try:
            database = _database(folder, strict=False)
        except RuntimeError as error:
            reason = one_line(str(error))
        else:
            _LOG.warning("%s: mended (%s); the files as they were are in %s", folder, reason, aside)
            return database
    return _begin_anew(folder, reason, aside)


def _begin_anew(folder: Path, reason: str, aside: Path) -> ladybug.Database:
    for file in folder.glob("graph.lb*"):
        file.unlink()
    _LOG.warning("%s: begins empty (%s); the files as they were are in %s", folder, reason, aside)
    return _database(folder, strict=True)


def _copy_aside(folder: Path) -> Path:
    aside = folder / "damaged"
    if aside.exists():
        shutil.rmtree(aside)
    aside.mkdir()
    for file in folder.glob("graph.lb*"):
        shutil.copy2(file, aside)
    return aside


def _database(folder: Path, *, strict: bool, read_only: bool = False) -> ladybug.Database:
    import ladybug

    try:
        return ladybug.Database(
            folder / "graph.lb",
            buffer_pool_size=_BUFFER_POOL,
            max_db_size=_MAX_SIZE,
            read_only=read_only,
            throw_on_wal_replay_failure=strict,
        )
    except (ValueError, IndexError, MemoryError) as error:
        # The engine takes what it reads for lengths and offsets, and its language's library objects to nonsense.
        raise RuntimeError(f"not a valid database: {error}") from error


def _refusal(folder: Path, error: RuntimeError) -> StoreError:
    if locked := _LOCKED.search(str(error)):
        owner = f" (process {locked[1]})" if locked[1] else ""
        return StoreError(f"{folder}: another process writes to it{owner}; try again when it has finished")
    hint = "; `kgraph build` makes it again from the records" if _DAMAGE.search(str(error)) else ""
    return StoreError(f"{folder}: cannot be opened: {_reason(error)}{hint}")


@contextmanager
def _errors(kind: type[StoreError]) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise refused_parameter(error) if _NO_PARAMETER.search(str(error)) else kind(_reason(error)) from error
    except (TypeError, ValueError, OverflowError) as error:
        raise refused_parameter(error) from error


def _reason(error: RuntimeError) -> str:
    return re.sub(r"^\w+ exception: ", "", one_line(str(error)))


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
