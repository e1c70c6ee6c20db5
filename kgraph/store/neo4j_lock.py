"""One load at a time into a Neo4j database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from kgraph.errors import StoreError

if TYPE_CHECKING:
    import neo4j

# How long a load waits for one that is running, and for one that is just beginning.
_LOAD_SECONDS: Final = 2
_BEGIN_SECONDS: Final = 15
# How a server calls it that a transaction waited too long for a lock, be it by our limit or by one of its own.
_WAITED_TOO_LONG: Final = (
    "LockClientStopped", "LockAcquisitionTimeout", "TransactionTimedOut", "TransactionTimedOutClientConfiguration",
)  # fmt: skip


class Lock:
    """The right to load, of one process at a time: a node in a transaction that has no end and is never committed.

    Its id is unique, so a second transaction that makes the same node has to wait. Nobody sees the node, and the server
    drops it with the connection of a process that dies. A transaction's time limit counts on after it has the node, so
    it is tried with a limit first, and then made without; `begin` keeps all others out between these two.
    """

    def __init__(self, address: str, open_session: Callable[[], neo4j.Session]) -> None:
        self._address, self._open_session = address, open_session
        self._transaction: neo4j.Transaction | None = None
        self._held = ExitStack()

    def hold(self) -> None:
        """Take the lock, unless this has it still.

        Raises:
            StoreError: another process has it.
        """
        if self._transaction is not None and _answers(self._transaction):
            return
        self.release()
        with self._node("begin", _BEGIN_SECONDS):
            with self._node("load", _LOAD_SECONDS):
                pass
            self._transaction = self._held.enter_context(self._node("load", 0))

    def release(self) -> None:
        """Let others load; harmless where the server has dropped the lock already."""
        self._transaction = None
        self._held.close()

    @contextmanager
    def _node(self, id: str, seconds: float) -> Iterator[neo4j.Transaction]:
        from neo4j.exceptions import DriverError, Neo4jError

        with self._open_session() as session:
            transaction = session.begin_transaction(metadata={"kgraph": id}, timeout=seconds)
            try:
                self._make(transaction, id)
                yield transaction
            finally:
                with suppress(DriverError, Neo4jError):
                    transaction.rollback()

    def _make(self, transaction: neo4j.Transaction, id: str) -> None:
        from neo4j.exceptions import Neo4jError

        try:
            transaction.run("MERGE (n:KgraphLock {id: $id})", {"id": id}).consume()
        except Neo4jError as error:
            if (error.code or "").rpartition(".")[2] not in _WAITED_TOO_LONG:
                raise
            raise StoreError(
                f"{self._address}: another process loads into this database; try again when it has finished"
            ) from error


def _answers(transaction: neo4j.Transaction) -> bool:
    from neo4j.exceptions import DriverError, Neo4jError

    try:
        transaction.run("RETURN 1").consume()
    except (DriverError, Neo4jError):
        return False
    return True
