"""Binary files that a pipeline component is made of: read when they are first needed, saved and copied with it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Self

import srsly

from kgraph.extract.linear import MODEL


class PackedFiles:
    """What a component with such files has in common with others: spaCy's four ways to save and load it.

    Until others are loaded, the files are those that ship.
    """

    folder: ClassVar[str]
    names: ClassVar[tuple[str, ...]]
    made: ClassVar[tuple[str, ...]]
    """Cached properties that are made from the files."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    @property
    def files(self) -> dict[str, bytes]:
        """The content of each file."""
        if not self._files:
            self.from_disk(MODEL / self.folder)
        return self._files

    def to_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> None:  # noqa: ARG002
        """Write the files to a folder."""
        path.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            (path / name).write_bytes(content)

    def from_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> Self:  # noqa: ARG002
        """Take the files from a folder. Raises OSError where one is missing."""
        return self._take({name: (path / name).read_bytes() for name in self.names})

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:  # noqa: ARG002
        """Pack the files."""
        packed: bytes = srsly.msgpack_dumps(self.files)
        return packed

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Self:  # noqa: ARG002
        """Take the files that `to_bytes` packed."""
        return self._take(srsly.msgpack_loads(data))

    def _take(self, files: dict[str, bytes]) -> Self:
        for name in self.made:
            self.__dict__.pop(name, None)
        self._files = files
        return self

    def __getstate__(self) -> dict[str, Any]:
        """What a copy in another process gets: what was made from the files is made anew there."""
        return {key: value for key, value in self.__dict__.items() if key not in self.made}
