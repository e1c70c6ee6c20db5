"""From the entities of single papers to the nodes of the graph.

A name that its paper explains is taken at its word (an abbreviation is its long form); `kgraph.link.keys` gives every
name a key, and names with one key are one node.

Names of different labels are different nodes: a query like "methods for a task" must not mix what is applied with what
is to be done, and a paper's edges end at what it takes the thing for. Where both bear one name, each knows the other as
its `same_term`, so that a reader finds all that is said about the term.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from kgraph.link.abbreviations import Abbreviations
from kgraph.link.aliases import NO_ALIASES, Aliases, Decision, Key
from kgraph.link.keys import Keys, count_names, find_keys
from kgraph.link.knowledge_base import KnowledgeBase, read_knowledge_base
from kgraph.link.misspellings import FREQUENT, Misspellings, count_words
from kgraph.link.nodes import group_usages, make_node, merges_of, same_terms
from kgraph.link.normal_form import folded
from kgraph.link.rules import Rules
from kgraph.link.usages import Census, Usage, Usages, find_usages
from kgraph.schema import Entity, Extraction, Merge


@dataclass(frozen=True, slots=True)
class Linker:
    """Which node each entity of a paper belongs to.

    `entities` are the nodes by id; `merges` tells of every alias why it stands for its entity; `unmatched` are the
    names of the user's alias file that no entity bears; `ids` gives the node of each usage, None where it was dropped.
    """

    entities: Mapping[str, Entity]
    merges: tuple[Merge, ...]
    unmatched: tuple[Decision, ...]
    ids: Mapping[Usage, str | None]

    def link(self, extraction: Extraction) -> dict[str, str]:
        """Return the node id of each entity of a paper, by its name in the paper; dropped entities are left out."""
        return name_nodes(extraction, self.ids.__getitem__)


def name_nodes(extraction: Extraction, node_of: Callable[[Usage], str | None]) -> dict[str, str]:
    """Return the node id of each entity of a paper, by its name in the paper; `node_of` gives None for dropped ones."""
    ids = {entity.name: node_of(usage) for entity, usage in find_usages(extraction)}
    return {name: node_id for name, node_id in ids.items() if node_id is not None}


def link_mentions(
    extractions: Iterable[Extraction], aliases: Aliases = NO_ALIASES, knowledge: KnowledgeBase | None = None
) -> Linker:
    """Link the entities of all papers; `extractions` is gone through once.

    `knowledge` is the shipped knowledge base where none is given.
    """
    with collection_held():
        census = Census()
        for extraction in extractions:
            census.count(extraction)
        abbreviations = Abbreviations(census.agreements().get)
        rules = Rules(aliases, read_knowledge_base() if knowledge is None else knowledge, abbreviations)
        words = count_words(count_names(census.surfaces, rules))
        frequent = [word for word, papers in words.items() if papers >= FREQUENT]
        return link_usages(census.surfaces, rules, Misspellings(words.__getitem__, frequent))


@contextmanager
def collection_held() -> Iterator[None]:
    """Hold the cyclic garbage collector: it would walk over millions of objects again and again, and free none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def link_usages(usages: Usages, rules: Rules, misspellings: Misspellings) -> Linker:
    """Link all usages of a corpus, or whole families of them (see `kgraph.link.families`)."""
    aliases = rules.aliases
    keys = find_keys(usages, rules, misspellings)
    dropped = _dropped(keys, aliases)
    groups = {key: group for key, group in group_usages(usages, keys).items() if key not in dropped}
    renamed = {keys.resolve(label, name).key: to for (label, name), to in sorted(aliases.rename.items())}
    nodes = {key: make_node(group, keys, renamed) for key, group in groups.items()}
    terms = same_terms(nodes, keys)
    merges = (merge for key, group in groups.items() for merge in merges_of(group, nodes[key], keys))
    return Linker(
        {node.id: replace(node, same_term=terms.get(node.id, ())) for node in sorted(nodes.values(), key=_by_id)},
        tuple(sorted(merges, key=lambda merge: (merge.entity_id, merge.alias))),
        tuple(_unmatched(aliases, usages, keys)),
        {usage: nodes[key].id if (key := keys.key(usage)) in nodes else None for usage in usages},
    )


def _by_id(node: Entity) -> str:
    return node.id


def _dropped(keys: Keys, aliases: Aliases) -> set[Key]:
    return {keys.resolve(label, name).key for label, name in aliases.drop}


def _unmatched(aliases: Aliases, usages: Usages, keys: Keys) -> Iterator[Decision]:
    if not aliases.decisions:
        return
    used = {keys.key(usage) for usage in usages}
    written = {
        (usage.label, folded(name)) for usage, surfaces in usages.items() for name in (usage.name, *surfaces.papers)
    }
    for decision in aliases.decisions:
        of_entity = decision.table in ("rename", "drop")
        found = (
            keys.resolve(label, decision.name).key in used if of_entity else (label, folded(decision.name)) in written
            for label in decision.labels
        )
        if not any(found):
            yield decision
