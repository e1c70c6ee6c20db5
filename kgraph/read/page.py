"""Web pages of abstracts, copied as text: titles, abstracts and what stands between them.

A line is told by what it looks like: a navigation line, a date, a labelled field ("Abstract: ..."), or text. Lines of
text that were wrapped are joined to paragraphs; a long paragraph is an abstract, and the short one before it its title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from kgraph.errors import InputError
from kgraph.read.dates import DAY, MONTH, YEAR
from kgraph.read.fields import split_authors
from kgraph.read.record import Record
from kgraph.read.source import Source

# Lines that say nothing about a paper, by site: any, Hugging Face, arXiv, catalogues. Case does not count.
NAVIGATION: Final = (
    r"new|next|prev(?:ious)?|back|home|menu|about|blog|help|contact|settings|filters?|follow|like|cite|save|share|via",
    r"sign (?:in|up|out)|log ?(?:in|out)|subscribe|register|donate|sponsored?|advertisement|bookmark|skip to .*",
    r"search(?: (?:papers?|arxiv|for .*))?(?:\.\.\.|…)?|sort(?:ed)? by.*|export(?: (?:bibtex )?citation)?|view license",
    r"(?:load|show|see|read|view) (?:more|less|all)(?: \w+)?|copyright (?:©|\(c\)|\d{4}).*|©.*|all rights reserved.*",
    r"privacy(?: policy| notice)?|terms(?: of (?:use|service))?|(?:we|this (?:web)?site) uses? cookies.*",
    r"(?:view |download |read )?(?:pdf|html|paper|full[- ]text|code|bibtex|citation|slides|video|poster|github)\W*",
    r"[\d.,]+[km]?\s*(?:views|citations?|comments?|likes?|stars?|references?|downloads?|upvotes?|pages?|min read)",
    r"[\W_]*|\d+|abstract|summary|keywords|introduction|page \d+(?: of \d+)?",
    r"(?:daily |trending |today'?s )?papers|get trending papers.*|by ?@?\w+ and the research community|upvotes?\s*\d*",
    r"\W*\d+ authors?|submitted by.*|view (?:arxiv|project) page.*|community|models|datasets|spaces",
    r"(?:computer science|statistics|mathematics|physics|electrical engineering .*) > .*|(?:cs|stat|eess)\.\w\w.{0,40}",
    r"(?:comments?|subjects?|journal[- ]ref(?:erence)?|report[- ]no|(?:acm|msc)[- ]class\w*)\s?:.*",
    r"(?:keywords?|key ?words and phrases|index terms)\s?[:—].*",
    r"html \(experimental\)|tex source|other formats|related doi:.*|focus to learn more|submission history|from: .*",
    r"\(or .* for this version\)|\[v\d+\].*|access paper:?|current browse context:?|references (?:&|and) citations",
    r"bibliographic tools|change to browse by:.*|△ less|▽ more|add to (?:library|collection)",
    r"(?:picture|figure \d+) for .*|access paper or ask questions|ask questions",
)
_NAVIGATION: Final = re.compile("|".join(f"(?:{pattern})" for pattern in NAVIGATION), re.IGNORECASE)

_DATE_LINE: Final = re.compile(
    rf"(?:(?:published|posted|date)(?: on)?:?\s*)?"
    rf"(?P<date>{MONTH}\s+{DAY}(?:,?\s+{YEAR})?|\d{{1,2}}\s+[a-z]{{3,9}}\.?,?\s+[12]\d{{3}}|[12]\d{{3}}-\d\d(?:-\d\d)?)"
    r"(?:\s+\d{1,4})?",  # the votes that a site prints behind the date
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"\d{4}")
_SUBMITTED: Final = re.compile(
    r"(?P<lead>\[)?submitted (?:on )?(?P<date>\d{1,2} [a-z]{3,9},? \d{4})\b.*", re.IGNORECASE
)
_LABEL: Final = re.compile(r"(?P<name>title|authors?|abstract|summary|doi|url)\s?:\s*(?P<text>.*)", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"https?://\S+")
_ARXIV: Final = re.compile(r"(?P<trail>cite as:\s*)?arxiv:\s?(?P<id>[\w./-]+)(?:\s.*)?", re.IGNORECASE)
_PARTS: Final = re.compile(r"\s*[·•|]\s*")

_NUMBER: Final = re.compile(r"(?:\[\d{1,4}\]|\d{1,3}[.)])\s+(?=\S)")
_MARKERS: Final = re.compile(r"\s*(?:△ Less|▽ More)\s*")
_NAME: Final = r"[^\W\d_][\w.'’-]*(?:\s+(?:de|da|di|la|van|von|der|den|al|bin|[A-Z][\w.'’-]*)){1,4}[\d*†‡]*"
_AUTHORS: Final = re.compile(rf"{_NAME}(?:(?:\s*[,;·]\s*(?:and\s+)?|\s+and\s+|\s*&\s*){_NAME})+")
_AFFILIATION: Final = re.compile(
    r".*\b(?i:university|institute|department|cent(?:er|re)|laborator(?:y|ies)|labs?|school|faculty|college|academy),\s.*"
    r"|(?i:the )?(?:[A-Z]\S* )?(?:University|Institute|Department|School|Faculty|Academy) (?:of|for) .*"
    r"|(?:[A-Z]\S* ){1,4}(?:University|Institute|Academy|College|Laboratory|Inc\.?|Ltd\.?|GmbH|Corp(?:oration)?\.?)"
)

_LONG: Final = 250  # characters: longer paragraphs are abstracts whatever they look like
_SHORT: Final = 100  # shorter ones never are
_WRAPPED: Final = 200  # longer lines were not wrapped
_RAGGED: Final = 0.75  # a wrapped line is at least so full


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph or a line of a page; `kind` is text, title, abstract, authors, date, submitted, arxiv, doi, url."""

    kind: str
    text: str
    line: int


@dataclass(slots=True)
class _Draft:
    """What is known so far about the paper that is being read."""

    title: str = ""
    is_labelled: bool = False
    abstract: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    line: int = 0

    @property
    def date(self) -> str:
        return self.fields.get("date", "")


def read_page(source: Source) -> Iterator[Record | InputError]:
    """Yield the papers of a page; its date in the header is nobody's.

    Raises `InputError` where no abstract is on the page.
    """
    drafts = _collect(_blocks(source.text()))
    if not drafts:
        raise source.error("no abstract found on this page")
    for draft in drafts:
        yield Record(
            draft.line,
            title=draft.title,
            abstract=draft.abstract,
            published=draft.date,
            url=draft.fields.get("url", ""),
            authors=tuple(split_authors(draft.fields.get("authors", ""))),
            doi=draft.fields.get("doi", ""),
            arxiv_id=draft.fields.get("arxiv", ""),
        )


def _blocks(lines: Iterable[str]) -> Iterator[_Block]:
    """Tell the lines apart and join those that belong to one paragraph; navigation and empty lines part paragraphs."""
    paragraph: list[_Block] = []
    for number, line in enumerate(lines, 1):
        found = _classify(line.strip(), number)
        if [block.kind for block in found] != ["text"]:
            yield from _paragraphs(paragraph)
            paragraph = [block for block in found if _takes_lines(block)]
            yield from (block for block in found if not _takes_lines(block))
        else:
            paragraph += found
    yield from _paragraphs(paragraph)


def _classify(line: str, number: int) -> list[_Block]:
    """Return the blocks of a line: none for navigation."""
    special = _special(line, number)
    if special is not None:
        return special
    parts = [_special(part, number) for part in _PARTS.split(line)]
    known = [part for part in parts if part is not None]
    return [block for part in known for block in part] if len(known) == len(parts) else [_Block("text", line, number)]


def _special(line: str, number: int) -> list[_Block] | None:
    """Return the blocks of a line that is not running text; None for one that is."""
    if found := _DATE_LINE.fullmatch(line):
        return [_Block("date", found["date"], number)]
    if found := _SUBMITTED.match(line):
        return [_Block("submitted" if found["lead"] else "date", found["date"], number)]
    if found := _ARXIV.fullmatch(line):
        return [_Block("arxiv-of" if found["trail"] else "arxiv", found["id"], number)]
    if _ADDRESS.fullmatch(line):
        return [_Block("url", line, number)]
    if labelled := _labelled(line, number):
        return [labelled]
    return [] if _NAVIGATION.fullmatch(line) else None


def _labelled(line: str, number: int) -> _Block | None:
    found = _LABEL.match(line)
    if not found:
        return None
    name = found["name"].lower()
    return _Block({"author": "authors", "summary": "abstract"}.get(name, name), found["text"], number)


def _takes_lines(block: _Block) -> bool:
    return block.kind in ("title", "abstract", "authors")


def _paragraphs(lines: list[_Block]) -> Iterator[_Block]:
    """Join wrapped lines: one that ends early was ended on purpose."""
    width = max((len(block.text) for block in lines), default=0)
    joined: list[_Block] = []
    for block in lines:
        if joined and _goes_on(joined[-1].text.rpartition("\n")[2], block.text, width):
            joined[-1] = _Block(joined[-1].kind, f"{joined[-1].text}\n{block.text}", joined[-1].line)
        else:
            joined.append(block)
    yield from joined


def _goes_on(line: str, following: str, width: int) -> bool:
    if not line:
        return True  # a label whose text begins on the next line
    if not following[0].isupper() and not following[0].isdigit():
        return len(line) <= _WRAPPED or line[-1] not in ".!?"
    needed = len(line) + 1 + len(following.split()[0])
    return width <= _WRAPPED and needed > _RAGGED * width


def _collect(blocks: Iterable[_Block]) -> list[_Draft]:
    drafts = [_Draft()]
    header_date = ""
    for block in blocks:
        draft = drafts[-1]
        if _opens(block, draft):
            drafts.append(draft := _Draft())
        if block.kind == "date" and len(drafts) == 1 and not draft.title and not draft.abstract:
            header_date = block.text
        else:
            _add(block, draft)
    papers = [draft for draft in drafts if draft.abstract or (draft.is_labelled and draft.title)]
    _shift_dates(papers, header_date)
    return papers


def _opens(block: _Block, draft: _Draft) -> bool:
    """Tell whether a block belongs to the next paper: it can, once there is an abstract or a labelled title."""
    if not draft.abstract:
        return draft.is_labelled and block.kind == "title"
    if block.kind == "text":
        is_rest = block.text[0].islower() and _is_abstract(block.text)
        return not is_rest and not _is_affiliation(block.text)
    return block.kind in ("title", "abstract", "submitted", "arxiv")


def _add(block: _Block, draft: _Draft) -> None:
    draft.line = draft.line or block.line
    match block.kind:
        case "title":
            draft.title, draft.is_labelled, draft.line = block.text, True, block.line
        case "abstract":
            draft.abstract = _MARKERS.sub(" ", block.text)
        case "text":
            _add_text(block, draft)
        case "submitted":
            draft.fields.setdefault("date", block.text)
        case "arxiv-of":
            draft.fields.setdefault("arxiv", block.text)
        case _:
            draft.fields.setdefault(block.kind, block.text)


def _add_text(block: _Block, draft: _Draft) -> None:
    if _is_abstract(block.text):
        draft.abstract = f"{draft.abstract}\n{block.text}".strip()
    elif draft.title and _AUTHORS.fullmatch(block.text):
        draft.fields.setdefault("authors", block.text)
    elif not draft.is_labelled and not _is_affiliation(block.text):
        draft.title, draft.line = _NUMBER.sub("", block.text, count=1), block.line


def _is_affiliation(text: str) -> bool:
    return len(text) <= _LONG and _AFFILIATION.fullmatch(text) is not None


def _is_abstract(text: str) -> bool:
    return len(text) > _LONG or (len(text) > _SHORT and text.endswith((".", "!")))


def _shift_dates(papers: list[_Draft], header_date: str) -> None:
    """Where each date stands before its title, every paper took the date of the next one.

    The date in a page's header looks the same, so all dates must have a year, which that of a header has not.
    """
    dates = [header_date, *(paper.date for paper in papers)]
    if len(papers) > 2 and not dates.pop() and all(_YEAR.search(date) for date in dates):
        for paper, date in zip(papers, dates, strict=True):
            paper.fields["date"] = date
