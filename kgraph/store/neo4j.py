"""Neo4j, by its own driver: a graph on a server, maybe beside the data of other applications."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeVar

from kgraph.errors import CypherError, StoreError, StoreUnavailableError, UsageError
from kgraph.store.base import (
    Row,
    Step,
    Store,
    bound_parameters,
    one_line,
    out_of_time,
    refused_parameter,
    schema_statements,
)
from kgraph.store.neo4j_lock import Lock

if TYPE_CHECKING:
    import neo4j

# The driver logs lost connections as errors; what matters of them comes as an exception.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

T = TypeVar("T")
_INDEX_SECONDS: Final = 300
# The driver waits longer and longer between its own attempts, so a store goes on by itself after a few.
_DRIVER_SECONDS: Final = 5
# While a graph grows, the server would plan every text again and again, which took it a quarter of the time.
_AS_PLANNED: Final = "CYPHER replan=skip "
# Scheduled, not waited for. For an index that was empty at first, a server was seen not to do so by itself, and then to
# look at all edges for those of a paper.
_COUNT_ANEW: Final = "CALL db.resampleOutdatedIndexes()"


class Neo4jStore(Store):
    """A graph on a Neo4j server, version 5 or later; the Community edition is enough."""

    engine: ClassVar[str] = "neo4j"

    def __init__(
        self,
        address: str,
        credentials: tuple[str, str] | None,
        *,
        database: str | None = None,
        read_only: bool = False,
        patience: float = 60.0,
    ) -> None:
        """Connect to the server at `address`, a URL without user name and password; for writing, install the schema.

        `patience` is how many seconds a call goes on trying when the server goes away; a restart takes ten or so.

        Raises:
            UsageError: the driver cannot read the address.
            StoreUnavailableError: no server answers.
            StoreError: the server refuses the user or the schema, or has no such database.
        """
        self._address, self._database, self._read_only = address, database, read_only
        self._patience, self._tries_on = patience, True
        self._driver = _connect(address, credentials)
        self._lock: Lock | None = None
        try:
            with self._errors():
                # Fails at once where the driver would try for half a minute to send a query.
                self._driver.verify_connectivity()
            if read_only:
                self.run("RETURN 1 AS one")
            else:
                self._install_schema()
        except BaseException:
            self._driver.close()
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
        if write:
            with self._errors(seconds):
                return self._run_once(cypher, bound, seconds, max_rows)

        def read() -> list[Row]:
            from neo4j import unit_of_work

            with self._session("READ") as session:
                return session.execute_read(unit_of_work(timeout=seconds)(_read), cypher, bound, max_rows)

        return self._patiently(read, seconds)

    def write(self, steps: Sequence[Step]) -> None:
        """See `Store.write`."""
        self._refuse_if_read_only()

        def write() -> None:
            if self._lock is not None:
                self._lock.hold()
            with self._session("WRITE") as session:
                session.execute_write(_write, steps)

        self._patiently(write)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """See `Store.writing`; where the server ends our lock or goes away, the next `write` takes it anew."""
        self._refuse_if_read_only()
        lock = Lock(self._address, partial(self._session, "WRITE"))
        self._patiently(lock.hold)
        self._lock = lock
        try:
            self._count_anew()
            yield
            self._count_anew()
        finally:
            self._lock, self._tries_on = None, True
            lock.release()

    def _count_anew(self) -> None:
        # Who may not do so can load all the same.
        with suppress(StoreError), self._errors(), self._session("WRITE") as session:
            session.run(_COUNT_ANEW).consume()

    def give_up(self) -> None:
        """See `Store.give_up`; until `writing` ends, everything is tried once."""
        self._tries_on = False

    def close(self) -> None:
        """See `Store.close`."""
        self._driver.close()

    def _refuse_if_read_only(self) -> None:
        if self._read_only:
            raise StoreError(f"{self._address}: open for reading only")

    def _run_once(
        self, cypher: str, parameters: dict[str, Any], seconds: float | None, max_rows: int | None
    ) -> list[Row]:
        """Run a text that may write in a transaction of its own, as some of Neo4j's statements must be."""
        from neo4j import Query
        from neo4j.exceptions import ServiceUnavailable, SessionExpired

        self._refuse_if_read_only()
        try:
            with self._session("WRITE") as session:
                return _rows(session.run(Query(cypher, timeout=seconds), parameters), max_rows)
        except (ServiceUnavailable, SessionExpired) as error:
            raise StoreUnavailableError(
                f"{self._address}: the connection was lost; what the query writes may be there or not"
            ) from error

    def _patiently(self, work: Callable[[], T], seconds: float | None = None) -> T:
        from neo4j.exceptions import DatabaseUnavailable, ServiceUnavailable, SessionExpired

        deadline = time.monotonic() + self._patience
        with self._errors(seconds):
            while True:
                try:
                    return work()
                except (ServiceUnavailable, SessionExpired, DatabaseUnavailable):
                    # The driver tries again by itself, but not when the connection was lost in the middle of a commit,
                    # where nobody knows whether it was done. Our work bears being done twice, so that does not matter.
                    if not self._tries_on or time.monotonic() > deadline:
                        raise
                time.sleep(1)

    def _install_schema(self) -> None:
        with self._errors(), self._session("WRITE") as session:
            for statement in schema_statements(self.engine):
                _install(session, statement)
            session.run("CALL db.awaitIndexes($seconds)", {"seconds": _INDEX_SECONDS}).consume()

    def _session(self, access: Literal["READ", "WRITE"]) -> neo4j.Session:
        return self._driver.session(
            database=self._database,
            default_access_mode=access,
            bookmark_manager=self._driver.execute_query_bookmark_manager,
        )

    @contextmanager
    def _errors(self, seconds: float | None = None) -> Iterator[None]:
        from neo4j.exceptions import AuthError, DriverError, Neo4jError, ServiceUnavailable, SessionExpired

        try:
            yield
        except AuthError as error:
            raise StoreError(f"{self._address}: user name or password refused") from error
        except (ServiceUnavailable, SessionExpired) as error:
            raise StoreUnavailableError(
                f"{self._address}: no server answers; when it is back, run the same again, nothing is lost"
            ) from error
        except Neo4jError as error:
            raise self._refusal(error, seconds) from error
        except DriverError as error:
            raise StoreError(f"{self._address}: {one_line(str(error))}") from error
        except (TypeError, ValueError, OverflowError) as error:
            raise refused_parameter(error) from error

    def _refusal(self, error: neo4j.exceptions.Neo4jError, seconds: float | None) -> StoreError:
        code, message = error.code or "", one_line(error.message or "")
        if "TransactionTimedOut" in code:
            if seconds is not None:
                return out_of_time(seconds)
            return StoreError(
                f"{self._address}: the server stopped it: its db.transaction.timeout is too short for this"
            )
        if code.endswith("DatabaseNotFound"):
            return StoreError(f"{self._address}: there is no database {self._database}")
        if code.startswith("Neo.ClientError.Statement"):
            return CypherError(message)
        return StoreError(f"{self._address}: {message}")


def _connect(address: str, credentials: tuple[str, str] | None) -> neo4j.Driver:
    import neo4j
    from neo4j.exceptions import ConfigurationError

    try:
        return neo4j.GraphDatabase.driver(
            address,
            auth=credentials,
            user_agent="kgraph",
            connection_timeout=10,
            max_transaction_retry_time=_DRIVER_SECONDS,
            notifications_min_severity="OFF",
        )
    except (ConfigurationError, ValueError) as error:
        raise UsageError(f"{address}: {one_line(str(error))}") from error


def _read(
    transaction: neo4j.ManagedTransaction, cypher: str, parameters: dict[str, Any], max_rows: int | None
) -> list[Row]:
    return _rows(transaction.run(cypher, parameters), max_rows)


def _rows(result: neo4j.Result, max_rows: int | None) -> list[Row]:
    names = result.keys()
    return [dict(zip(names, map(_plain, record.values()), strict=True)) for record in islice(result, max_rows)]


def _write(transaction: neo4j.ManagedTransaction, steps: Sequence[Step]) -> None:
    for step in steps:
        given = {name: _Unshown(value) if isinstance(value, list) else value for name, value in step.parameters.items()}
        transaction.run(_AS_PLANNED + step.cypher if step.by_key else step.cypher, given).consume()


class _Unshown(list[Any]):
    """A list that does not show its items: the driver has it shown for its log, also where there is none."""

    def __repr__(self) -> str:
        return f"[{len(self)} items]"


def _install(session: neo4j.Session, statement: str) -> None:
    """Run a statement of the schema; another process that runs it too makes the driver try again, or has done it."""
    from neo4j.exceptions import ClientError

    try:
        session.execute_write(lambda transaction: transaction.run(statement).consume())
    except ClientError as error:
        if not (error.code or "").endswith(".EquivalentSchemaRuleAlreadyExists"):
            raise


def _plain(value: Any) -> Any:
    """Turn the driver's own types into plain ones: properties, lists, dates of the standard library."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    from neo4j.graph import Entity, Path
    from neo4j.time import Date, DateTime, Time

    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Path):
        return {"nodes": _plain(list(value.nodes)), "relationships": _plain(list(value.relationships))}
    if isinstance(value, (dict, Entity)):
        return {key: _plain(value[key]) for key in value}
    if isinstance(value, (Date, DateTime, Time)):
        return value.to_native()
    return value
