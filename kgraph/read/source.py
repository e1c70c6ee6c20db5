"""Where records come from: a file or standard input, unzipped, with a look at its first bytes."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import sys
import zlib
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, Self, cast

from kgraph.errors import InputError
from kgraph.read.clean import clean_line

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

STDIN: Final = "-"
HEAD_SIZE: Final = 1 << 16
GZIP_ERRORS: Final = (EOFError, gzip.BadGzipFile, zlib.error)
_REASON_SIZE: Final = 300  # characters; a reason may quote the input
_GZIP_MAGIC: Final = b"\x1f\x8b"
_LINE_END: Final = re.compile(r"\r\n?|\n")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Source:
    """An open input: `name` is what the user called it, `stream` its bytes, unzipped, `head` the first of
    them.

    A damaged gzip stream gives the bytes before the damage and then raises one of `GZIP_ERRORS`.
    Raises `InputError` where the file cannot be opened.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._file: io.BufferedReader | None = None
        try:
            if name != STDIN:
                self._file = Path(name).open("rb")  # noqa: SIM115 - `close` closes it
            self.stream, self.head, self.is_zipped = _open_stream(self._file or cast("_Bytes", sys.stdin.buffer))
        except OSError as error:
            self.close()
            raise InputError(f"cannot be opened: {error.strerror or error}", name) from error

    @property
    def file_name(self) -> str:
        """The name without folders, so that a paper does not depend on where its file lies."""
        return Path(self.name).name

    @property
    def suffix(self) -> str:
        """The file's suffix in lower case without its dot and without `.gz`; "" where there is none."""
        path = Path(self.name.lower())
        return (Path(path.stem) if path.suffix == ".gz" else path).suffix.lstrip(".")

    @property
    def encoding(self) -> str:
        """The encoding that the byte order mark tells, else UTF-8."""
        return next((encoding for bom, encoding in _BOMS if self.head.startswith(bom)), "utf-8")

    @property
    def head_text(self) -> str:
        """The first bytes as text."""
        return self.head.decode(self.encoding, errors="replace")

    @property
    def first_line(self) -> str:
        """The first line, as far as it is among the first bytes."""
        return _LINE_END.split(self.head_text.removeprefix("\ufeff"), 1)[0]

    def text(self, newline: str | None = None) -> io.TextIOWrapper:
        """Return the text; bytes that are not UTF-8 become lone surrogates, which `make_paper` refuses by record."""
        errors = "surrogateescape" if self.encoding.startswith("utf-8") else "replace"
        return io.TextIOWrapper(self.stream, self.encoding, errors, newline)

    def error(self, reason: str, line: int = 0) -> InputError:
        """Return an error that names this input."""
        return InputError(clean_line(reason)[:_REASON_SIZE], self.name, line)

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._file:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _open_stream(raw: _Bytes) -> tuple[io.BufferedReader, bytes, bool]:
    head, error = _read_head(raw)
    is_zipped = head.startswith(_GZIP_MAGIC)
    if is_zipped:
        raw = gzip.GzipFile(fileobj=io.BufferedReader(_Replay(head, raw, error)))
        head, error = _read_head(raw)
    return io.BufferedReader(_Replay(head, raw, error), HEAD_SIZE), head, is_zipped


def _read_head(raw: _Bytes) -> tuple[bytes, Exception | None]:
    head = bytearray()
    try:
        while len(head) < HEAD_SIZE and (chunk := raw.read1(HEAD_SIZE - len(head))):
            head += chunk
    except GZIP_ERRORS as error:
        return bytes(head), error
    return bytes(head), None


class _Bytes(Protocol):
    def read1(self, size: int = ..., /) -> bytes: ...


class _Replay(io.RawIOBase):
    """The bytes of `head`, then those of `rest`, or `error` in their place."""

    def __init__(self, head: bytes, rest: _Bytes, error: Exception | None) -> None:
        self._head, self._rest, self._error = io.BytesIO(head), rest, error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        chunk = self._head.read(len(view))
        if not chunk and self._error:
            raise self._error
        chunk = chunk or self._rest.read1(len(view))
        view[: len(chunk)] = chunk
        return len(chunk)
