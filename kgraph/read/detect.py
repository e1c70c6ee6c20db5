"""Which format an input is in, told by its first bytes and its suffix."""

from __future__ import annotations

import csv
import re
from typing import Final

from kgraph.read.fields import FIELD_NAMES, normalise_name
from kgraph.read.source import STDIN, Source

PARQUET_MAGIC: Final = b"PAR1"
DELIMITERS: Final = ",\t;|"

_BY_SUFFIX: Final = {
    "bib": "bibtex",
    "bibtex": "bibtex",
    "ris": "ris",
    "csv": "csv",
    "tsv": "tsv",
    "tab": "tsv",
    "parquet": "parquet",
}
_FALLBACK: Final = {"jsonl": "jsonl", "ndjson": "jsonl", "json": "json", "txt": "page", "text": "page"}
_BY_ROOT: Final = {
    "feed": "atom",
    "oai-pmh": "oai",
    "listrecords": "oai",
    "collection": "acl",
    "pubmedarticleset": "pubmed",
    "pubmedarticle": "pubmed",
}
_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[\s/>]")
_PROLOG: Final = re.compile(r"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_JSON: Final = re.compile(r"\{\s*[\"}]|\[\s*[{\]]")
_JSON_OPENED: Final = re.compile(r"[\[{,:]\s*$")
_BIBTEX: Final = re.compile(r"(?:%.*\n\s*)*@\s*\w+\s*[{(]")
_RIS: Final = re.compile(r"(?:\d+\.\s+)?TY  -")
_LABELLED: Final = re.compile(r"^\s*abstract\s*:", re.MULTILINE | re.IGNORECASE)


def detect_format(source: Source) -> str | None:
    """Return the name of the input's format, or None where neither content nor suffix tells it."""
    if source.head.startswith(PARQUET_MAGIC):
        return "parquet"
    text = source.head_text.lstrip()
    if "\0" in text:
        return None
    by_suffix = _BY_SUFFIX.get(source.suffix)
    return by_suffix or _by_content(source, text) or (None if _is_xml(text) else _fallback(source, text))


def find_delimiter(header: str) -> str | None:
    """Return the delimiter under which a header line names the most known columns; None if it names no text."""
    return max(filter(lambda d: _known(header, d), DELIMITERS), key=lambda d: _known(header, d), default=None)


def _by_content(source: Source, text: str) -> str | None:
    if text.startswith("<"):
        return _by_root(text)
    if _JSON.match(text):
        return "json" if text.startswith("[") or _JSON_OPENED.search(text.partition("\n")[0]) else "jsonl"
    if _BIBTEX.match(text):
        return "bibtex"
    if _RIS.match(text):
        return "ris"
    return "csv" if _is_table(source.first_line) else None


def _by_root(text: str) -> str | None:
    root = _ROOT.match(_PROLOG.sub("", text).lstrip())
    return _BY_ROOT.get(root[1].lower()) if root else None


def _is_xml(text: str) -> bool:
    return text.startswith("<") and _ROOT.match(_PROLOG.sub("", text).lstrip()) is not None


def _is_table(header: str) -> bool:
    delimiter = find_delimiter(header)
    return delimiter is not None and delimiter in header


def _known(header: str, delimiter: str) -> int:
    names = {normalise_name(name) for name in next(csv.reader([header], delimiter=delimiter), [])}
    if not names & {*FIELD_NAMES["title"], *FIELD_NAMES["abstract"]}:
        return 0
    return sum(not names.isdisjoint(known) for known in FIELD_NAMES.values())


def _fallback(source: Source, text: str) -> str | None:
    if source.name == STDIN or _LABELLED.search(text):
        return "page"
    return _FALLBACK.get(source.suffix)
