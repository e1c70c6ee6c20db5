"""Reading XML element by element, and never trusting it: no entity is expanded, no DTD and no address is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from kgraph.errors import InputError
from kgraph.read.record import Record
from kgraph.read.source import Source

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# Elements inside a title or an abstract -> how their content is shown; others show it as it is.
_SHOWN: Final = {"sup": "^{}", "tex-math": "${}$", "p": " {} ", "sec": " {} ", "title": " {} ", "br": " "}


def read_elements(
    source: Source, tag: str, make_record: Callable[[Element, int], Record | None]
) -> Iterator[Record | InputError]:
    """Yield a record for each element of that name (in any namespace), with its line; None is left out.

    Raises `InputError` where the file stops being XML; the records before that place have come by then.
    """
    from lxml.etree import XMLSyntaxError, iterparse

    elements = iterparse(
        source.stream, events=("end",), tag=f"{{*}}{tag}", resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        for _, element in elements:
            if record := make_record(element, element.sourceline or 0):
                yield record
            _forget(element)
    except XMLSyntaxError as error:
        raise source.error(f"not XML: {error.msg.partition(', line ')[0]}", error.lineno or 0) from error


def get_text(element: Element, path: str) -> str:
    """Return the text of the first element at a path of local names, or ""."""
    return next(iter_texts(element, path), "")


def iter_texts(element: Element, path: str) -> Iterator[str]:
    """Yield the texts of all elements at a path of local names."""
    return map(get_content, find_all(element, path))


def find_all(element: Element, path: str) -> Iterator[Element]:
    """Yield the elements at a path of local names, in any namespace."""
    return element.iterfind("/".join(f"{{*}}{name}" for name in path.split("/")))


def get_content(element: Element) -> str:
    """Return the text of an element and of all in it, without comments."""
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            parts.append(_SHOWN.get(local_name(child), "{}").format(get_content(child)))
        elif (child.text or "").startswith("&"):
            parts.append(child.text or "")  # an entity, which is not expanded here
        parts.append(child.tail or "")
    return "".join(parts)


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _forget(element: Element) -> None:
    """Free what has been read. Parents and their other children stay: they say something of the elements to come."""
    parent, previous = element.getparent(), element.getprevious()
    element.clear()
    if parent is not None and previous is not None and previous.tag == element.tag:
        parent.remove(previous)
