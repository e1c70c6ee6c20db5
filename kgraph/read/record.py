"""A record as a format gives it, and the cleaned `Paper` that it becomes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from kgraph.errors import InputError
from kgraph.identity import content_id, normalise_arxiv_id, normalise_doi
from kgraph.read.clean import clean_line, clean_text
from kgraph.read.dates import parse_date
from kgraph.read.source import Source
from kgraph.schema import Paper


@dataclass(frozen=True, slots=True)
class Record:
    """What a format knows about a paper, uncleaned; `line` is its first line, or its number where there are no lines.

    An `id` of "" means that the record has none of its own.
    """

    line: int
    title: str = ""
    abstract: str = ""
    id: str = ""
    published: str = ""
    url: str = ""
    authors: tuple[str, ...] = ()
    source: str = ""
    doi: str = ""
    arxiv_id: str = ""


Reader: TypeAlias = Callable[[Source], Iterator[Record | InputError]]
"""A format: it yields records, and an error in the place of each broken one; an error it raises ends the file."""

# What catalogues write where there is no abstract, and labels that come with the text.
_PLACEHOLDER: Final = re.compile(
    r"\W*(?:n/?a|nan|none|null|(?:there is )?no abstract(?: (?:is )?(?:available|provided))?)?\W*", re.IGNORECASE
)
_LABEL: Final = re.compile(r"abstract\s?[:.—–]\s*|abstract-\s+|Abstract(?=[A-Z][a-z])", re.IGNORECASE)
_UNDECODED: Final = re.compile("[\udc80-\udcff]")


def make_paper(record: Record, source: Source) -> Paper:
    """Clean a record.

    Raises `InputError` where the record has neither title nor abstract, or holds bytes that are not text.
    """
    if any(_is_undecoded(text) for text in (record.title, record.abstract, record.id, *record.authors)):
        raise source.error(f"not valid {source.encoding.upper()}", record.line)
    title, abstract = clean_text(record.title), _clean_abstract(record.abstract)
    if not title and not abstract:
        raise source.error("neither title nor abstract", record.line)
    return Paper(
        id=clean_line(record.id) or content_id(title, abstract),
        title=title,
        abstract=abstract,
        published=parse_date(record.published),
        url=clean_line(record.url),
        authors=tuple(filter(None, map(clean_text, record.authors))),
        source=clean_line(record.source or source.file_name),
        doi=normalise_doi(record.doi),
        arxiv_id=next(filter(None, map(normalise_arxiv_id, (record.arxiv_id, record.id, record.url))), ""),
    )


def first_name_first(name: str) -> str:
    """Return `Jane Doe` for `Doe, Jane`; other names as they are."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and "," not in first else name.strip()


def _is_undecoded(text: str) -> bool:
    return not text.isascii() and _UNDECODED.search(text) is not None


def _clean_abstract(text: str) -> str:
    abstract = clean_text(text)
    abstract = abstract[label.end() :] if (label := _LABEL.match(abstract)) else abstract
    return "" if _PLACEHOLDER.fullmatch(abstract) else abstract
