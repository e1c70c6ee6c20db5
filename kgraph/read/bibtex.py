"""BibTeX and BibLaTeX files."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from kgraph.errors import InputError
from kgraph.read.latex import strip_latex
from kgraph.read.record import Record, first_name_first
from kgraph.read.source import Source

if TYPE_CHECKING:
    from bibtexparser.model import Block, Entry

logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it warns of, we yield as errors

_AND: Final = re.compile(r"\s+and\s+", re.IGNORECASE)
_GROUP: Final = re.compile(r"(\\[A-Za-z]+\*?\s*|[\^_])?\{([^{}]*)\}")
_ESCAPED: Final = {r"\{": "\ue000", r"\}": "\ue001"}
_BRACES: Final = str.maketrans({"{": None, "}": None, "\ue000": "{", "\ue001": "}"})


def read_bibtex(source: Source) -> Iterator[Record | InputError]:
    """Yield the entries; the line number is where an entry begins. The file is loaded whole.

    Of two entries with one key only the first keeps it as its id.
    """
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import Entry, ParsingFailedBlock

    blocks = parse_string(source.text().read()).blocks
    if not any(isinstance(block, Entry | ParsingFailedBlock) for block in blocks):
        raise source.error("no BibTeX entry found")
    keys: set[str] = set()
    for block in blocks:
        line = (block.start_line or 0) + 1
        if entry := _entry(block):
            yield _record(entry, "" if entry.key in keys else entry.key, line)
            keys.add(entry.key)
        elif isinstance(block, ParsingFailedBlock):
            yield source.error(f"not BibTeX: {_one_line(block.error)}", line)


def _entry(block: Block) -> Entry | None:
    """Return the entry in a block; one that repeats a key, or has a field twice, is good enough for us."""
    from bibtexparser.library import Library
    from bibtexparser.middlewares import RemoveEnclosingMiddleware
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry

    if isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock):
        entry = block.ignore_error_block
        return RemoveEnclosingMiddleware().transform_entry(entry, Library()) if isinstance(entry, Entry) else None
    return block if isinstance(block, Entry) else None


def _record(entry: Entry, key: str, line: int) -> Record:
    fields = {field.key.lower(): str(field.value) for field in reversed(entry.fields)}
    is_arxiv = "arxiv" in (fields.get("archiveprefix", "") + fields.get("eprinttype", "")).lower()
    return Record(
        line,
        title=_text(fields.get("title", "")),
        abstract=_text(fields.get("abstract", "")),
        id=key,
        published=fields.get("date") or _date(fields),
        url=fields.get("url", ""),
        authors=tuple(first_name_first(_text(name)) for name in _AND.split(fields.get("author", ""))),
        doi=fields.get("doi", ""),
        arxiv_id=fields.get("eprint", "") if is_arxiv else "",
    )


def _date(fields: dict[str, str]) -> str:
    return " ".join(filter(None, (fields.get("year"), fields.get("month"), fields.get("day"))))


def _text(value: str) -> str:
    """Return a value without its LaTeX: in BibTeX a brace protects the case of letters and is no text."""
    for escaped, stand_in in _ESCAPED.items():
        value = value.replace(escaped, stand_in)
    previous = ""
    while value != previous:
        previous, value = value, _GROUP.sub(lambda found: found[0] if found[1] else found[2], strip_latex(value))
    return value.translate(_BRACES)


def _one_line(error: Any) -> str:
    return " ".join(str(getattr(error, "abort_reason", error)).split())
