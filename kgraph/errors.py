"""Every error that kgraph raises on purpose.

KgraphError              one line for the user; exit code 1
├── UsageError           what was asked for cannot be done as asked; exit code 2
│   ├── UnknownQueryError
│   └── ParameterError   a query parameter is missing, unknown or of the wrong type
├── InputError           an input file or one record of it; names the file and the line
├── NotFoundError        no entity or paper goes by that name
├── WorkerError          a process that shared the work died
└── StoreError           a database could not be opened, read or written
    ├── StoreUnavailableError
    └── CypherError      the engine refused a Cypher text
"""

from __future__ import annotations


class KgraphError(Exception):
    """The root: its text is one line that can be shown to a user as it is."""

    exit_code = 1


class UsageError(KgraphError):
    """What was asked for cannot be done as it was asked."""

    exit_code = 2


class UnknownQueryError(UsageError):
    """No query of that name is in the library."""


class ParameterError(UsageError):
    """A query parameter is missing, unknown, or of the wrong type."""


class InputError(KgraphError):
    """An input file, or one record of it, cannot be read.

    `path` is the file as the user named it; `line` counts from 1 and is 0 where the format has no lines.
    """

    def __init__(self, reason: str, path: str, line: int = 0) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.reason, self.path, self.line = reason, path, line


class NotFoundError(KgraphError):
    """No entity or paper goes by that name."""


class WorkerError(KgraphError):
    """A process that shared the work died."""


class StoreError(KgraphError):
    """A database could not be opened, read or written."""


class StoreUnavailableError(StoreError):
    """A database server does not answer."""


class CypherError(StoreError):
    """The engine refused a Cypher text."""
