"""XML of the ACL Anthology."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from kgraph.errors import InputError
from kgraph.read.record import Record
from kgraph.read.source import Source
from kgraph.read.xml import find_all, get_text, read_elements

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_WEBSITE: Final = "https://aclanthology.org/"


def read_acl(source: Source) -> Iterator[Record | InputError]:
    """Yield the papers of a file of the Anthology (https://github.com/acl-org/acl-anthology/tree/master/data/xml)."""
    return read_elements(source, "paper", _paper)


def _paper(paper: Element, line: int) -> Record:
    volume = paper.getparent()
    id = _anthology_id(paper, volume)
    names = ((get_text(author, "first"), get_text(author, "last")) for author in find_all(paper, "author"))
    year, month = (get_text(paper, name) or _of_volume(volume, name) for name in ("year", "month"))
    return Record(
        line,
        title=get_text(paper, "title"),
        abstract=get_text(paper, "abstract"),
        id=id,
        published=f"{year} {month}",
        url=f"{_WEBSITE}{id}/" if id else "",
        authors=tuple(" ".join(name).strip() for name in names),
        doi=get_text(paper, "doi"),
    )


def _of_volume(volume: Element | None, name: str) -> str:
    return "" if volume is None else get_text(volume, f"meta/{name}")


def _anthology_id(paper: Element, volume: Element | None) -> str:
    """Return the id that the paper's address gives, else the one that its place in the file gives.

    Ids of the old style have four digits for volume and paper: https://aclanthology.org/info/ids/.
    """
    address = get_text(paper, "url").strip().rstrip("/")
    if address:
        return address.rpartition("/")[2].removesuffix(".pdf")
    collection = volume.getparent() if volume is not None else None
    if volume is None or collection is None:
        return ""
    name, number, place = (part.get("id", "") for part in (collection, volume, paper))
    if "." in name:
        return f"{name}-{number}.{place}"
    return f"{name}-{number:0>2}{place:0>2}" if name.startswith("W") else f"{name}-{number}{place:0>3}"
