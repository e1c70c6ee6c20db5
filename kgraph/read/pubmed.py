"""XML of PubMed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from kgraph.errors import InputError
from kgraph.read.record import Record
from kgraph.read.source import Source
from kgraph.read.xml import find_all, get_content, get_text, read_elements

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_WEBSITE: Final = "https://pubmed.ncbi.nlm.nih.gov/"
_DATES: Final = ("MedlineCitation/Article/Journal/JournalIssue/PubDate", "MedlineCitation/Article/ArticleDate")


def read_pubmed(source: Source) -> Iterator[Record | InputError]:
    """Yield the articles of a PubMed file (https://dtd.nlm.nih.gov/ncbi/pubmed/)."""
    return read_elements(source, "PubmedArticle", _article)


def _article(article: Element, line: int) -> Record:
    pmid = get_text(article, "MedlineCitation/PMID").strip()
    return Record(
        line,
        title=get_text(article, "MedlineCitation/Article/ArticleTitle"),
        abstract=" ".join(map(_labelled, find_all(article, "MedlineCitation/Article/Abstract/AbstractText"))),
        id=pmid,
        published=next(filter(None, (_date(date) for path in _DATES for date in find_all(article, path))), ""),
        url=f"{_WEBSITE}{pmid}/" if pmid else "",
        authors=tuple(map(_name, find_all(article, "MedlineCitation/Article/AuthorList/Author"))),
        doi=next((get_content(id) for id in _ids(article) if "doi" in (id.get("IdType"), id.get("EIdType"))), ""),
    )


def _labelled(part: Element) -> str:
    """Return a part of a structured abstract: `METHODS: We ...`."""
    label = part.get("Label", "")
    return f"{label}: {get_content(part)}" if label and label != "UNLABELLED" else get_content(part)


def _date(date: Element) -> str:
    known = [get_text(date, name).strip() for name in ("Year", "Month", "Day")]
    return "-".join(filter(None, known)) or get_text(date, "MedlineDate")


def _name(author: Element) -> str:
    return f"{get_text(author, 'ForeName')} {get_text(author, 'LastName')}".strip() or get_text(
        author, "CollectiveName"
    )


def _ids(article: Element) -> Iterator[Element]:
    yield from find_all(article, "PubmedData/ArticleIdList/ArticleId")
    yield from find_all(article, "MedlineCitation/Article/ELocationID")
