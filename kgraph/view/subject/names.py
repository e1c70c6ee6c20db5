"""How nodes and papers are called in a picture, and where they can be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from kgraph.view.subject.base import Cited

LONG_NAME: Final = 24  # letters; a node with a longer name is labelled with its abbreviation

_WEB: Final = re.compile(r"https?://", re.IGNORECASE)
_ABBREVIATION: Final = re.compile(r"(?=(?:.*[A-Z]){2})[\w.+-]{1,9}[^\Ws]")


def cited(paper: Mapping[str, Any]) -> Cited:
    """Return what is told of a paper: its title, or how its abstract begins, or its id; its year, and where it is."""
    title = paper["title"].strip() or _beginning(paper["abstract"].strip()) or paper["id"]
    return Cited(title, paper["year"], paper_link(paper))


def paper_link(paper: Mapping[str, Any]) -> str:
    """Return where a paper can be read: its own http(s) address, else arXiv's, else its DOI's, else nothing."""
    if url := web_address(paper):
        return url
    if paper.get("arxiv_id"):
        return f"https://arxiv.org/abs/{quote(paper['arxiv_id'])}"
    if paper.get("doi"):
        return f"https://doi.org/{quote(paper['doi'])}"
    return ""


def web_address(fields: Mapping[str, Any]) -> str:
    """Return the `url` of a node if it is one of the web."""
    url = str(fields.get("url") or "")
    return url if _WEB.match(url) else ""


def short_name(name: str, aliases: Iterable[str]) -> str:
    """Return what to write beside a node: an abbreviation where the name is long and has one, else nothing."""
    known = [alias for alias in aliases if _ABBREVIATION.fullmatch(alias)] if len(name) > LONG_NAME else []
    return min(known, key=lambda alias: (len(alias), alias), default="")


def _beginning(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60].rsplit(' ', 1)[0]} …"
