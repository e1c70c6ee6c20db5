"""From the names that share a key to a node: its id, the name to show, its aliases, and why each is one."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from kgraph.link.aliases import Key, spelled
from kgraph.link.keys import Keys
from kgraph.link.knowledge_base import KnownEntity
from kgraph.link.normal_form import folded, normal_form
from kgraph.link.usages import Surfaces, Usages
from kgraph.schema import Entity, Merge

DEFINED: Final = "abbreviation: defined in its paper"
SPELLING: Final = "spelling: case, hyphen, space or plural"
SAME_PAPER: Final = "one entity of its paper"


@dataclass(slots=True)
class Group:
    """What papers call by names with one key: folded names with the papers of each, full names, and surface forms."""

    key: Key
    names: Counter[str] = field(default_factory=Counter)
    full_names: set[str] = field(default_factory=set)
    surfaces: Surfaces = field(default_factory=Surfaces)


def group_usages(usages: Usages, keys: Keys) -> dict[Key, Group]:
    """Put usages with the same key together."""
    groups: dict[Key, Group] = {}
    for usage, surfaces in usages.items():
        key = keys.key(usage)
        group = groups.setdefault(key, Group(key))
        group.names[keys.names[usage][1]] += surfaces.uses
        group.full_names.add(usage.name)
        group.surfaces.add(surfaces)
    return groups


def make_node(group: Group, keys: Keys, renamed: Mapping[Key, str]) -> Entity:
    """Return the node of a group, without the nodes of its name that have other labels."""
    label, rules, papers = group.key[0], keys.rules, group.surfaces.papers
    known, given = rules.known_entity(group.key), rules.aliases.same.get(group.key)
    chosen = given or (known.name if known is not None else None)
    own = group.key[1] if chosen or group.key[1] in group.names else _most_used(group.names)
    written = group.full_names | papers.keys()
    fitting = [name for name in written if _bears(label, name, own, keys)]
    shown = renamed.get(group.key) or chosen or _best_name(fitting or papers, papers)
    spelling = chosen or _best_name(fitting or keys.spellings[label, own], papers)
    names = {shown, *papers, *rules.aliases.names.get(group.key, ())}
    if known is not None:
        names.update(name for name in _names(known) if keys.resolve(label, name).key == group.key)
    url = known.url if known is not None else ""
    is_apart = (label, own) in rules.aliases.different and folded(own) != own
    return Entity(_id(label, own, spelling, is_apart=is_apart), label, shown, tuple(sorted(names)), url)


def merges_of(group: Group, node: Entity, keys: Keys) -> Iterator[Merge]:
    """Say of each surface form why it is an alias of its node."""
    for surface, papers in group.surfaces.papers.items():
        if surface != node.name:
            yield Merge(node.id, surface, _reason(surface, group, node, keys), papers)


def same_terms(nodes: Mapping[Key, Entity], keys: Keys) -> dict[str, tuple[str, ...]]:
    """Return, for the id of each node whose name nodes of other labels bear too, their ids."""
    bearers = defaultdict[str, set[tuple[str, str]]](set)
    for (label, name), found in keys.found.items():
        if found.key in nodes:
            bearers[name].add((label, nodes[found.key].id))
    for key, node in nodes.items():
        known = keys.rules.known_entity(key)
        for name in {key[1], *(map(folded, _names(known)) if known is not None else ())}:
            bearers[name].add((node.label, node.id))
    others = defaultdict[str, set[str]](set)
    for group in bearers.values():
        for label, node_id in group if len(group) > 1 else ():
            others[node_id].update(other for other_label, other in group if other_label != label)
    return {node_id: tuple(sorted(ids)) for node_id, ids in others.items() if ids}


def entity_id(label: str, name: str) -> str:
    """Return the id that an entity of this label and name has, unless its papers space its words otherwise."""
    return _id(label, folded(name), name)


def _names(known: KnownEntity) -> tuple[str, ...]:
    return (known.name, *known.aliases)


def _most_used(names: Counter[str]) -> str:
    return min(names, key=lambda name: (-names[name], name))


def _bears(label: str, name: str, own: str, keys: Keys) -> bool:
    return folded(name) == own or ((label, own) in keys.rules.aliases.different and spelled(name) == own)


def _best_name(names: Iterable[str], papers: Mapping[str, int]) -> str:
    return min(names, key=lambda name: (-papers.get(name, 0), _is_written_large(name), name))


def _is_written_large(name: str) -> bool:
    """Tell whether a name looks like a title or the start of a sentence."""
    return name.isupper() or (" " in name and name == name.capitalize())


def _reason(surface: str, group: Group, node: Entity, keys: Keys) -> str:
    if surface in group.surfaces.defined:
        return DEFINED
    if folded(surface) == folded(node.name):
        return SPELLING
    found = keys.resolve(node.label, surface)
    return (found.reason or SPELLING) if found.key == group.key else SAME_PAPER


def _id(label: str, name: str, spelling: str, *, is_apart: bool = False) -> str:
    """Return the id of a folded name; one of its spellings gives the hyphens.

    A name that the alias file keeps apart from others that fold alike must not get theirs.
    """
    slug = re.sub(r"\W+", "-", " ".join(normal_form(spelling))).strip("-")
    if is_apart or slug.replace("-", "") != name.replace(" ", ""):
        slug = f"{slug}-{blake2b(name.encode('utf-8', 'surrogatepass'), digest_size=3).hexdigest()}".lstrip("-")
    return f"{label.lower()}:{slug}"
