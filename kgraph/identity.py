"""When two records are the same paper, and what the two together say about it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from kgraph.schema import Paper

CONTENT_PREFIX: Final = "page:"

_ARXIV_PREFIX: Final = re.compile(
    r"(?:https?://)?(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/|oai:arxiv\.org:|arxiv:\s*|"
    r"(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:\s*)?10\.48550/arxiv\.",
    re.IGNORECASE,
)
# New style since April 2007, old style before: https://info.arxiv.org/help/arxiv_identifier.html
_ARXIV_ID: Final = re.compile(
    r"(\d\d(?:0[1-9]|1[0-2])\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?", re.IGNORECASE
)
_ASCII_MARKS: Final = bytes(code for code in range(128) if not chr(code).isalnum())
# PubMed, OpenAlex, Semantic Scholar, ACL Anthology (new and old style).
_KNOWN_EVERYWHERE: Final = re.compile(
    r"\d{6,9}|(?:https://openalex\.org/)?W\d{6,}|[0-9a-f]{40}|\d{4}\.[a-z0-9_]+-[a-z0-9]+\.\d+|[A-Z]\d\d-\d{4}"
)
_DOI: Final = re.compile(r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)


def normalise_doi(text: str) -> str:
    """Return the bare DOI in lower case (`10.1000/xyz`), or "" where the text is not a DOI."""
    found = _DOI.fullmatch(text.strip())
    return found[1].rstrip(".,;").lower() if found else ""


def normalise_arxiv_id(text: str) -> str:
    """Return the arXiv id without version (`2401.01234`, `hep-th/9901001`), or "" where the text is not one.

    The id may stand bare, with `arXiv:`, as an address of arxiv.org, as an OAI identifier or as arXiv's own DOI.
    """
    text = text.strip()
    prefix = _ARXIV_PREFIX.match(text)
    found = _ARXIV_ID.fullmatch(text, prefix.end() if prefix else 0)
    return found[1].lower() if found else ""


def content_id(title: str, abstract: str) -> str:
    """Return the id of a paper that has none of its own: it depends on the normalised title and abstract only."""
    return CONTENT_PREFIX + _digest(title, abstract)


def identity_keys(paper: Paper) -> tuple[str, ...]:
    """Return the keys under which two papers are the same one: they share a key.

    The keys are the paper's own id, its DOI, its arXiv id (from any field that holds one), and a hash of its
    normalised title and abstract. An id that means something everywhere (PubMed's, OpenAlex's, Semantic Scholar's, the
    ACL Anthology's) is a key by itself; any other (a row number, a citation key) only within its file, or together with
    the title. A paper with an own id but no abstract has no text key: a title alone ("Preface") does not tell papers
    apart.
    """
    return tuple(dict.fromkeys(_keys(paper)))


def merge_papers(a: Paper, b: Paper) -> Paper:
    """Join two readings of one paper, field by field; commutative, associative and idempotent.

    The longer value wins, then the greater. An own id is preferred to a content id, then the smallest is taken;
    a date with a year is preferred to one without; of two sources the smallest that is not empty.
    """
    return Paper(
        id=min(a.id, b.id, key=lambda id: (id.startswith(CONTENT_PREFIX), id)),
        title=_longer(a.title, b.title),
        abstract=_longer(a.abstract, b.abstract),
        published=max(a.published, b.published, key=date_rank),
        url=_longer(a.url, b.url),
        authors=max(a.authors, b.authors, key=lambda names: (len(names), names)),
        source=min(a.source or b.source, b.source or a.source),
        doi=_longer(a.doi, b.doi),
        arxiv_id=_longer(a.arxiv_id, b.arxiv_id),
    )


def date_rank(date: str) -> tuple[bool, int, str]:
    """Return what tells the better of two parsed dates: one with a year, then the fuller, then the later."""
    return date[:1].isdigit(), len(date), date


def _keys(paper: Paper) -> Iterator[str]:
    own_id = not paper.id.startswith(CONTENT_PREFIX)
    doi = normalise_doi(paper.doi)
    if own_id and not normalise_arxiv_id(paper.id):
        yield from _id_keys(paper)
    if doi and not normalise_arxiv_id(doi):
        yield f"doi:{doi}"
    for place in (paper.id, paper.arxiv_id, doi, paper.url):
        if arxiv_id := normalise_arxiv_id(place):
            yield f"arxiv:{arxiv_id}"
    if paper.abstract or not own_id:
        yield f"text:{_digest(paper.title, paper.abstract)}"


def _id_keys(paper: Paper) -> Iterator[str]:
    if _KNOWN_EVERYWHERE.fullmatch(paper.id):
        yield f"id:{paper.id}"
        return
    yield f"id:{paper.id}:in:{paper.source}"
    if title := _normalise(paper.title):
        yield f"id:{paper.id}:{title}"


def _longer(a: str, b: str) -> str:
    return max(a, b, key=lambda value: (len(value), value))


def _digest(title: str, abstract: str) -> str:
    normalised = f"{_normalise(title)}\n{_normalise(abstract)}"
    return blake2b(normalised.encode(), digest_size=8).hexdigest()


def _normalise(text: str) -> str:
    if text.isascii():
        return text.lower().encode().translate(None, _ASCII_MARKS).decode()
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
