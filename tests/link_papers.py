"""Extractions made by hand, to link."""

from __future__ import annotations

from kgraph.link import NO_ALIASES, NO_KNOWLEDGE, Aliases, KnowledgeBase, KnownEntity, Linker, link_mentions
from kgraph.schema import METHOD, Abbreviation, Evidence, Extraction, PaperEntity

EVIDENCE = Evidence("A sentence.", 0, 11)


def entity(name: str, *surfaces: str, label: str = METHOD) -> PaperEntity:
    return PaperEntity(label, name, (name, *surfaces), "used", 0.5, EVIDENCE, (), "test")


def paper(number: int, *entities: PaperEntity, abbreviations: tuple[tuple[str, str], ...] = ()) -> Extraction:
    return Extraction(f"p{number}", entities, (), tuple(Abbreviation(*pair) for pair in abbreviations))


def link(papers: list[Extraction], aliases: Aliases = NO_ALIASES, known: tuple[KnownEntity, ...] = ()) -> Linker:
    return link_mentions(papers, aliases, KnowledgeBase(known) if known else NO_KNOWLEDGE)


def node_ids(
    papers: list[Extraction], aliases: Aliases = NO_ALIASES, known: tuple[KnownEntity, ...] = ()
) -> list[dict[str, str]]:
    linker = link(papers, aliases, known)
    return [linker.link(extraction) for extraction in papers]


def are_one(one: str, other: str, *, label: str = METHOD, known: tuple[KnownEntity, ...] = ()) -> bool:
    """Tell whether two names share a node, each the only entity of its paper."""
    first, second = node_ids([paper(1, entity(one, label=label)), paper(2, entity(other, label=label))], known=known)
    return first[one] == second[other]
