"""Neo4j, by its own driver: a graph on a server, maybe beside the data of other applications."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeVar

from kgraph.errors import CypherError, StoreError, StoreUnavailableError, UsageError
from kgraph.store.base import Row, Step, Store, bound_parameters, one_line, refused_parameter, schema_statements

if TYPE_CHECKING:
    import neo4j

# The driver logs lost connections as errors; what matters of them comes as an exception.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

T = TypeVar("T")
_INDEX_SECONDS: Final = 300
# The driver waits longer and longer between its own attempts, so a store goes on by itself after a few.
_DRIVER_SECONDS: Final = 5


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
        self._address, self._database, self._read_only, self._patience = address, database, read_only, patience
        self._driver = _connect(address, credentials)
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

    def run(self, cypher: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """See `Store.run`."""
        bound = bound_parameters(cypher, parameters)

        def read() -> list[Row]:
            with self._session("READ") as session:
                return session.execute_read(_read, cypher, bound)

        return self._patiently(read)

    def write(self, steps: Sequence[Step]) -> None:
        """See `Store.write`."""
        if self._read_only:
            raise StoreError(f"{self._address}: open for reading only")

        def write() -> None:
            with self._session("WRITE") as session:
                session.execute_write(_write, steps)

        self._patiently(write)

    def close(self) -> None:
        """See `Store.close`."""
        self._driver.close()

    def _patiently(self, work: Callable[[], T]) -> T:
        from neo4j.exceptions import ServiceUnavailable, SessionExpired

        deadline = time.monotonic() + self._patience
        with self._errors():
            while True:
                try:
                    return work()
                except (ServiceUnavailable, SessionExpired):
                    # The driver tries again by itself, but not when the connection was lost in the middle of a commit,
                    # where nobody knows whether it was done. Our work bears being done twice, so that does not matter.
                    if time.monotonic() > deadline:
                        raise
                time.sleep(1)

    def _install_schema(self) -> None:
        with self._errors(), self._session("WRITE") as session:
            for statement in schema_statements(self.engine):
                session.run(statement).consume()
            session.run("CALL db.awaitIndexes($seconds)", {"seconds": _INDEX_SECONDS}).consume()

    def _session(self, access: Literal["READ", "WRITE"]) -> neo4j.Session:
        return self._driver.session(
            database=self._database,
            default_access_mode=access,
            bookmark_manager=self._driver.execute_query_bookmark_manager,
        )

    @contextmanager
    def _errors(self) -> Iterator[None]:
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
            raise self._refusal(error) from error
        except DriverError as error:
            raise StoreError(f"{self._address}: {one_line(str(error))}") from error
        except (TypeError, ValueError, OverflowError) as error:
            raise refused_parameter(error) from error

    def _refusal(self, error: neo4j.exceptions.Neo4jError) -> StoreError:
        code, message = error.code or "", one_line(error.message or "")
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


def _read(transaction: neo4j.ManagedTransaction, cypher: str, parameters: dict[str, Any]) -> list[Row]:
    result = transaction.run(cypher, parameters)
    names = result.keys()
    return [dict(zip(names, map(_plain, record.values()), strict=True)) for record in result]


def _write(transaction: neo4j.ManagedTransaction, steps: Sequence[Step]) -> None:
    for step in steps:
        transaction.run(step.cypher, dict(step.parameters)).consume()


def _plain(value: Any) -> Any:
    """Turn the driver's own types into plain ones: properties, lists, dates of the standard library."""
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
