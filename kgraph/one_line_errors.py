"""How a command ends that cannot do what it was asked: one line on stderr and an exit code, never a traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import click

from kgraph.errors import KgraphError

LONGEST_ERROR: Final = 500
"""Characters: a message may quote what the user wrote, and that may be anything."""


class _Failure(click.ClickException):
    """An error as one line on stderr, with its exit code."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        line = " ".join(message.split())
        super().__init__(line if len(line) <= LONGEST_ERROR else f"{line[:LONGEST_ERROR]} ...")
        self.exit_code = exit_code  # type: ignore[misc]  # a class variable in click, where an instance may differ


class OneLineErrors(click.Group):
    """A group of commands whose every error is one line on stderr: exit code 2 for what was asked wrongly, else 1."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the words before the command; see `click.Command.make_context`."""
        with _one_line_errors():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, and see that what it printed got out; see `click.Group.invoke`."""
        with _one_line_errors():
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except KgraphError as error:
        raise _Failure(str(error), error.exit_code) from error
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        raise _Failure(error.format_message(), error.exit_code) from error
    except KeyboardInterrupt as error:
        raise _Failure("stopped; what was done is kept, the same command goes on from there") from error
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        _forget_output()
        raise _Failure(f"{error.filename or 'output'}: {error.strerror}") from error


def _forget_output() -> None:
    """Send what could not be written nowhere: Python would try, and fail, once more at its end."""
    with suppress(OSError), Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
