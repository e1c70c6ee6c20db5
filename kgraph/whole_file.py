"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kgraph.errors import UsageError


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Give a path to write to; when the block ends well it takes the place of `path`, else it is removed.

    Missing folders are made. Raises `UsageError` where the file cannot be written.
    """
    target = Path(path)
    draft = target.parent / f".{os.getpid()}.part.{target.name}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        draft.replace(target)
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
