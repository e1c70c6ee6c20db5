"""Files of papers in many formats -> a stream of cleaned `Paper`s.

    for paper in read_papers(["page.txt", "folder/", "more.jsonl.gz"]): ...

`read_papers` opens, unzips and tells formats apart; one module a format yields `Record`s; `record.make_paper` cleans
them; `identity` says which records are the same paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Final, Literal

from kgraph.errors import InputError, UsageError
from kgraph.identity import identity_keys, merge_papers
from kgraph.read.acl import read_acl
from kgraph.read.arxiv import read_atom, read_oai
from kgraph.read.bibtex import read_bibtex
from kgraph.read.detect import detect_format
from kgraph.read.jsonl import read_json, read_jsonl
from kgraph.read.page import read_page
from kgraph.read.pubmed import read_pubmed
from kgraph.read.record import Reader, Record, make_paper
from kgraph.read.report import NO_ABSTRACT, ReadReport
from kgraph.read.ris import read_ris
from kgraph.read.source import GZIP_ERRORS, STDIN, Source
from kgraph.read.table import read_csv, read_parquet
from kgraph.schema import Paper

__all__ = ["FORMATS", "ReadReport", "identity_keys", "merge_papers", "read_papers"]

READERS: Final[Mapping[str, Reader]] = {
    "page": read_page,
    "jsonl": read_jsonl,
    "json": read_json,
    "csv": read_csv,
    "tsv": read_csv,
    "parquet": read_parquet,
    "bibtex": read_bibtex,
    "ris": read_ris,
    "atom": read_atom,
    "oai": read_oai,
    "acl": read_acl,
    "pubmed": read_pubmed,
}
FORMATS: Final = tuple(READERS)
"""The names of all formats, for `read_papers(format=...)`."""

UNKNOWN_FORMAT: Final = "unknown format"


def read_papers(
    paths: Iterable[str | Path],
    *,
    format: str | None = None,
    strict: bool = False,
    without_abstract: Literal["keep", "skip"] = "keep",
    keep_repeats: bool = False,
    report: ReadReport | None = None,
) -> Iterator[Paper]:
    """Stream the papers of files, folders (all files below, in sorted order) and `-` for standard input.

    `format` is one of `FORMATS`; without it each file's content and suffix tell. Every file may be gzipped.
    A broken record is counted in `report` and skipped; with `strict` it raises. Papers that have no abstract are kept
    or skipped. A paper that came before (see `identity_keys`) is dropped, unless `keep_repeats`.

    Raises `InputError` at once for a named path that does not exist or whose format nobody knows, and `UsageError` for
    an unknown format name. Hidden files and files of unknown format in folders are passed over, the latter counted.
    """
    if format is not None and format not in READERS:
        raise UsageError(f"no format is called {format!r}; there are: {', '.join(FORMATS)}")
    report = ReadReport() if report is None else report
    inputs = [_check_path(str(path), format) for path in paths]
    papers = _read_inputs(inputs, format, strict, report)
    return _select(papers, without_abstract == "keep", keep_repeats, report)


def _check_path(path: str, format: str | None) -> str:
    if path == STDIN or Path(path).is_dir():
        return path
    if not Path(path).exists():
        raise InputError("no such file or folder", path)
    if Path(path).is_file():  # what is no file (a pipe) can be read only once
        with Source(path) as source:
            _require_format(source, format)
    return path


def _require_format(source: Source, format: str | None) -> str:
    format = format or detect_format(source)
    if format is None:
        raise source.error(f"{UNKNOWN_FORMAT}; name one with --format: {', '.join(FORMATS)}")
    return format


def _read_inputs(paths: list[str], format: str | None, strict: bool, report: ReadReport) -> Iterator[Paper]:
    for path in paths:
        if path != STDIN and Path(path).is_dir():
            for file in _visible_files(Path(path)):
                yield from _read_found(str(file), format, strict, report)
        else:
            with Source(path) as source:
                yield from _read_source(source, _require_format(source, format), strict, report)


def _read_found(path: str, format: str | None, strict: bool, report: ReadReport) -> Iterator[Paper]:
    """Read a file that was found in a folder: unlike one that was named, it may be of any kind."""
    try:
        source = Source(path)
    except InputError as error:
        _count_error(error, strict, report)
        return
    with source:
        known = format or detect_format(source)
        if known:
            yield from _read_source(source, known, strict, report)
        else:
            report.skip_file(path, UNKNOWN_FORMAT)


def _visible_files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not any(p.startswith(".") for p in path.relative_to(folder).parts))


def _read_source(source: Source, format: str, strict: bool, report: ReadReport) -> Iterator[Paper]:
    report.files += 1
    for record in _records(source, READERS[format]):
        try:
            if isinstance(record, InputError):
                raise record
            paper = make_paper(record, source)
        except InputError as error:
            _count_error(error, strict, report)
        else:
            yield paper


def _count_error(error: InputError, strict: bool, report: ReadReport) -> None:
    if strict:
        raise error
    report.add_error(error)


def _records(source: Source, reader: Reader) -> Iterator[Record | InputError]:
    """Yield what a reader yields; an error that ends its file is yielded last, with the line of the last record."""
    line = 0
    try:
        for record in reader(source):
            line = record.line
            yield record
    except InputError as error:
        yield error
    except GZIP_ERRORS as error:
        yield source.error(f"damaged gzip: {error}", line)
    except OSError as error:
        yield source.error(f"cannot be read: {error.strerror or error}", line)


def _select(papers: Iterator[Paper], keep_titles: bool, keep_repeats: bool, report: ReadReport) -> Iterator[Paper]:
    """Drop papers without abstract, unless they are to be kept, and repeats; the first of the others comes out."""
    seen: set[bytes] = set()
    for paper in papers:
        report.without_abstract += not paper.abstract
        if not paper.abstract and not keep_titles:
            report.skipped[NO_ABSTRACT] += 1
            continue
        keys = {_hash(key) for key in identity_keys(paper)}
        is_repeat = not seen.isdisjoint(keys)
        seen |= keys
        report.repeats += is_repeat
        if keep_repeats or not is_repeat:
            report.read += 1
            yield paper


def _hash(key: str) -> bytes:
    return blake2b(key.encode(), digest_size=8).digest()
