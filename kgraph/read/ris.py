"""RIS, the format of reference managers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from kgraph.errors import InputError
from kgraph.identity import date_rank
from kgraph.read.dates import parse_date
from kgraph.read.record import Record, first_name_first
from kgraph.read.source import Source

_TAG: Final = re.compile(r"[A-Z][A-Z0-9]  -")
_START: Final = "TY  -"
_END: Final = "ER  -"
# Field of `Record` -> rispy's names of the tags that hold it; the first that holds something counts.
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "title": ("title", "primary_title", "short_title"),
    "abstract": ("abstract", "notes_abstract"),
    "id": ("id", "accession_number"),
    "url": ("urls", "url", "link_to_fulltext", "file_attachments1"),
    "doi": ("doi",),
}
_DATES: Final = ("date", "year", "publication_year")
_AUTHORS: Final = ("authors", "first_authors", "secondary_authors")


def read_ris(source: Source) -> Iterator[Record | InputError]:
    """Yield the records; the line number is where a record begins."""
    import rispy

    for line, text in _entries(source.text()):
        entries = rispy.loads(text)
        yield _record(entries[0], line) if entries else source.error("a RIS record without TY at its start", line)


def _entries(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the text of each record, with its first line's number; a new start ends a record that has no end."""
    first, entry = 0, [""]
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith(_START) and len(entry) > 1:
            yield first, "\n".join([*entry, _END + " "])
            entry = [""]
        if len(entry) > 1 or _TAG.match(text):
            first = first if len(entry) > 1 else number
            entry.append(text)
        if text.startswith(_END):
            yield first, "\n".join([*entry, ""])
            entry = [""]
    if len(entry) > 1:
        yield first, "\n".join([*entry, _END + " "])


def _record(entry: dict[str, Any], line: int) -> Record:
    texts = {field: next(filter(None, map(entry.get, names)), "") for field, names in _NAMES.items()}
    texts = {field: value[0] if isinstance(value, list) else value for field, value in texts.items()}
    dates = (parse_date(str(entry.get(name, ""))) for name in _DATES)
    authors: list[str] = next(filter(None, map(entry.get, _AUTHORS)), [])
    return Record(line, published=max(dates, key=date_rank), authors=tuple(map(first_name_first, authors)), **texts)
