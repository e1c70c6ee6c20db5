"""XML of arXiv: Atom from its API, and OAI-PMH, which other repositories speak as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kgraph.errors import InputError
from kgraph.identity import normalise_arxiv_id, normalise_doi
from kgraph.read.dates import parse_date
from kgraph.read.fields import split_authors
from kgraph.read.record import Record, first_name_first
from kgraph.read.source import Source
from kgraph.read.xml import find_all, get_text, iter_texts, local_name, read_elements

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


def read_atom(source: Source) -> Iterator[Record | InputError]:
    """Yield the entries of an answer of arXiv's API (https://info.arxiv.org/help/api/user-manual.html)."""
    return read_elements(source, "entry", _atom_entry)


def read_oai(source: Source) -> Iterator[Record | InputError]:
    """Yield the records of an OAI-PMH answer in the formats arXiv, arXivRaw and oai_dc, without the deleted ones.

    See https://info.arxiv.org/help/oa/index.html and https://www.openarchives.org/OAI/openarchivesprotocol.html.
    """
    return read_elements(source, "record", _oai_record)


def _atom_entry(entry: Element, line: int) -> Record:
    address = get_text(entry, "id").strip()
    return Record(
        line,
        title=get_text(entry, "title"),
        abstract=get_text(entry, "summary"),
        id=normalise_arxiv_id(address) or address,
        published=get_text(entry, "published"),
        url=address,
        authors=tuple(iter_texts(entry, "author/name")),
        doi=get_text(entry, "doi"),
        arxiv_id=address,
    )


def _oai_record(record: Element, line: int) -> Record | None:
    body = next(find_all(record, "metadata/*"), None)
    if body is None:  # a deleted record has a header only
        return None
    if local_name(body) == "dc":
        return _dublin_core(body, get_text(record, "header/identifier").strip(), line)
    return _arxiv_metadata(body, line)


def _arxiv_metadata(body: Element, line: int) -> Record:
    id = get_text(body, "id").strip()
    names = (
        (get_text(author, "forenames"), get_text(author, "keyname")) for author in find_all(body, "authors/author")
    )
    authors = tuple(" ".join(name).strip() for name in names)
    return Record(
        line,
        title=get_text(body, "title"),
        abstract=get_text(body, "abstract"),
        id=id,
        published=get_text(body, "created") or get_text(body, "version/date"),
        url=f"https://arxiv.org/abs/{id}" if id else "",
        authors=authors or tuple(split_authors(get_text(body, "authors"))),
        doi=get_text(body, "doi"),
        arxiv_id=id,
    )


def _dublin_core(body: Element, identifier: str, line: int) -> Record:
    places = [identifier, *iter_texts(body, "identifier"), *iter_texts(body, "relation")]
    arxiv_id = next(filter(None, map(normalise_arxiv_id, places)), "")
    dates = filter(None, map(parse_date, iter_texts(body, "date")))
    return Record(
        line,
        title=get_text(body, "title"),
        abstract=get_text(body, "description"),
        id=arxiv_id or identifier,
        published=min(dates, default=""),  # later dates are those of revisions
        url=next((place.strip() for place in places if place.strip().startswith("http")), ""),
        authors=tuple(map(first_name_first, iter_texts(body, "creator"))),
        doi=next(filter(None, map(normalise_doi, places)), ""),
        arxiv_id=arxiv_id,
    )
