"""Records that are named fields (JSON objects, rows of tables) -> `Record`, whatever the fields are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from kgraph.read.record import Record

# Field of `Record` -> the names it goes by, without case and punctuation; the first that holds something counts.
# Own schema, arXiv's metadata snapshot, OpenAlex, Semantic Scholar, Crossref, Web of Science, Scopus, PubMed, Zotero.
FIELD_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "title": ("title", "articletitle", "documenttitle", "papertitle", "displayname", "primarytitle", "ti"),
    "abstract": ("abstract", "abstractinvertedindex", "abstracttext", "abstractnote", "paperabstract", "summary", "ab"),
    "id": ("id", "paperid", "corpusid", "articleid", "recordid", "eid", "utuniquewosid", "ut", "pmid", "key"),
    "published": (
        *("published", "publicationdate", "publisheddate", "datepublished", "versions", "pubdate", "date"),
        *("coverdate", "created", "publicationyear", "pubyear", "year", "py", "updatedate"),
    ),
    "url": ("url", "link", "href", "articleurl", "paperurl", "pdfurl"),
    "authors": (
        *("authorsparsed", "authors", "authorships", "author", "authorfullnames", "authornames", "authorlist", "au"),
    ),
    "source": ("source",),
    "doi": ("doi", "di", "externalids"),
    "arxiv_id": ("arxivid", "arxiv", "externalids"),
}
_SEPARATORS: Final = re.compile(r"[\W_]+")
_EXTERNAL_IDS: Final = {"doi": "doi", "arxiv_id": "arxiv"}


def make_record(fields: Mapping[str, Any], line: int) -> Record:
    """Return the record that these fields describe.

    Raises `ValueError` with a short reason where a field holds what it cannot hold.
    """
    named = {normalise_name(name): value for name, value in fields.items() if not _is_empty(value)}
    texts = {field: _text(field, _first(named, field)) for field in FIELD_NAMES if field != "authors"}
    return Record(line, authors=tuple(_authors(_first(named, "authors"))), **texts)


@lru_cache(maxsize=4096)
def normalise_name(name: str) -> str:
    """Return a field's name without case, spaces and punctuation: `Article Title` -> `articletitle`."""
    return _SEPARATORS.sub("", name).lower()


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value != value  # NaN stands for a missing value in tables


def _first(named: Mapping[str, Any], field: str) -> object:
    return next((_inside(field, name, named[name]) for name in FIELD_NAMES[field] if name in named), None)


def _inside(field: str, name: str, value: Any) -> object:
    """Return what counts of a value that is a structure of its own."""
    try:
        match name:
            case "abstractinvertedindex":
                return _from_inverted(value)
            case "versions":  # arXiv: the first version's date is the paper's
                return value[0]["created"]
            case "externalids":  # Semantic Scholar
                return {normalise_name(key): id for key, id in value.items()}.get(_EXTERNAL_IDS[field])
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ValueError(f"{field} has an unknown shape") from error
    return value


def _from_inverted(index: Mapping[str, list[int]]) -> str:
    """Join OpenAlex's inverted abstract: word -> its places."""
    words = sorted((place, word) for word, places in index.items() for place in places)
    return " ".join(word for _, word in words)


def _text(field: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return " ".join(value)
    if field in ("title", "abstract") or isinstance(value, bool | list | dict):
        raise ValueError(f"{field} is not text")
    return str(value)


def _authors(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from split_authors(value)
    elif isinstance(value, list):
        yield from map(_author, value)
    elif value is not None:
        raise ValueError("authors are not a list of names")


def _author(value: object) -> str:
    match value:
        case str():
            return value
        case {"name": str(name)} | {"display_name": str(name)} | {"author": {"display_name": str(name)}}:
            return name
        case {"family": str(last), "given": str(first)} | [str(last), str(first), *_]:
            return f"{first} {last}".strip()
        case {"family": str(last)}:
            return last
        case dict():
            return ""
    raise ValueError("authors are not a list of names")


def split_authors(text: str) -> list[str]:
    """Split a line of names at `;`, else at ` and ` and at commas that part whole names."""
    if ";" in text:
        return _stripped(text.split(";"))
    names = _stripped(re.split(r",?\s+and\s+|\s*\|\s*", text))
    parts = _stripped(chain.from_iterable(name.split(",") for name in names))
    return parts if all(" " in part for part in parts) else names


def _stripped(names: Any) -> list[str]:
    return [name.strip() for name in names if name.strip()]
