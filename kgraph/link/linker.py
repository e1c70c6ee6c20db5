"""From the entities of single papers to the nodes of the graph.

Each entity of a paper gets one key, which stands for one node:

1. the user's alias file, when it names it;
2. the long form, when its name is an abbreviation that this paper defines, or that (nearly) all papers that define
   it define alike;
3. else the normal form of its name.

There are no chains: two names share a node because they have the same key, never because each resembles a third.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import blake2b
from typing import Final

from kgraph.link.aliases import NO_ALIASES, Aliases, Key, spelled
from kgraph.link.normal_form import folded, normal_form, short_form
from kgraph.schema import Entity, Extraction, Merge, PaperEntity

AGREEMENT: Final = 0.8
"""The share of the papers that define an abbreviation that must define it alike, for it to stand for that elsewhere."""

DEFINERS: Final = 0.1
"""The share of the papers that use an abbreviation that must define it: one odd paper does not speak for all."""

ALIAS_FILE: Final = "alias file"
DEFINED: Final = "abbreviation: defined in its paper"
SPELLING: Final = "spelling: case, hyphen, space or plural"
SAME_PAPER: Final = "one entity of its paper"

ALIKE: Final = 0.9
"""How alike (difflib's ratio) two long forms of one abbreviation must be written to be one name with an error in it."""

_FUNCTION_WORDS: Final = frozenset(
    ("a", "an", "and", "by", "for", "from", "in", "of", "on", "the", "to", "via", "with")
)
_SHORT_FORM = re.compile(r"(?=.*[A-Z])\S{2,10}")


@dataclass(frozen=True, slots=True)
class Linker:
    """Which node each entity of a paper belongs to.

    `entities` are the nodes by id; `merges` tells of every alias why it stands for its entity.
    """

    entities: Mapping[str, Entity]
    merges: tuple[Merge, ...]
    _keys: _Keys
    _ids: Mapping[Key, str]

    def link(self, extraction: Extraction) -> dict[str, str]:
        """Return the node id of each entity of a paper, by its name in the paper; dropped entities are left out."""
        return {entity.name: self._ids[key] for entity, key, _ in self._keys.of_paper(extraction)}


def link_mentions(extractions: Iterable[Extraction], aliases: Aliases = NO_ALIASES) -> Linker:
    """Link the entities of all papers.

    `extractions` is gone through twice: a list, or an object whose every iteration starts anew.
    """
    keys = _Keys(_expansions(extractions), aliases)
    groups: dict[Key, _Group] = defaultdict(_Group)
    for extraction in extractions:
        for entity, key, reason in keys.of_paper(extraction):
            groups[key].add(entity, reason, _short_forms(entity, extraction))
    ids = {key: group.entity_id(key, aliases) for key, group in groups.items()}
    nodes = {key: group.to_entity(ids[key], key, aliases) for key, group in groups.items()}
    merges = (merge for key, group in groups.items() for merge in group.merges(nodes[key], key))
    in_order = tuple(sorted(merges, key=lambda merge: (merge.entity_id, merge.alias)))
    return Linker({node.id: node for node in sorted(nodes.values(), key=lambda node: node.id)}, in_order, keys, ids)


class _Keys:
    """The rules: which key an entity of a paper has, and why."""

    def __init__(self, expansions: Mapping[Key, tuple[str, str]], aliases: Aliases) -> None:
        self._expansions, self._aliases = expansions, aliases

    def of_paper(self, extraction: Extraction) -> Iterator[tuple[PaperEntity, Key, str]]:
        """Yield each entity of a paper that is not dropped, with its key and the reason for it, "" for its name."""
        for entity in extraction.entities:
            name = _full_name(entity, extraction)
            key, reason = self._key(entity.label, name, extraction)
            if not self._aliases.drop.intersection((key, (entity.label, folded(name)))):
                yield entity, key, reason

    def _key(self, label: str, name: str, extraction: Extraction) -> tuple[Key, str]:
        if (own := self._users(label, name)) is not None:
            return own, ALIAS_FILE
        long, reason = self._agreed_form(label, name, extraction)
        if reason and (own := self._users(label, long)) is not None:
            return own, ALIAS_FILE
        return (label, folded(long)), reason

    def _agreed_form(self, label: str, name: str, extraction: Extraction) -> tuple[str, str]:
        """Return the long form that most papers mean by this name, and why, or the name itself."""
        short = short_form(name)
        found = self._expansions.get((label, short)) or self._expansions.get((label, short.casefold()))
        own = [pair.long for pair in extraction.abbreviations if short_form(pair.short) == short]
        if found and (not own or any(_is_variant(long, found[0]) for long in own)):
            return found
        for pair in extraction.abbreviations:
            agreed = self._expansions.get((label, short_form(pair.short))) if pair.long == name else None
            if agreed and _is_variant(name, agreed[0]):
                return agreed[0], f"variant: {pair.short} stands for both"
        return name, ""

    def _users(self, label: str, name: str) -> Key | None:
        if (label, spelled(name)) in self._aliases.different:
            return label, spelled(name)
        shown = self._aliases.same.get((label, folded(name)))
        return (label, folded(shown)) if shown is not None else None


class _Group:
    """All entities of papers that share a key."""

    def __init__(self) -> None:
        self.surfaces: Counter[str] = Counter()
        self.reasons: dict[str, set[str]] = defaultdict(set)

    def add(self, entity: PaperEntity, reason: str, shorts: Collection[str]) -> None:
        self.surfaces.update(set(entity.surfaces))
        for surface in shorts:
            self.reasons[surface].add(DEFINED)
        if reason:
            self.reasons[entity.name].add(reason)

    def entity_id(self, key: Key, aliases: Aliases) -> str:
        names = (*self.surfaces, aliases.same.get(key, key[1]))
        spaced = {" ".join(normal_form(name)) for name in names if folded(name) == key[1]}
        return _id(key, max(spaced, key=lambda form: (form.count(" "), form), default=key[1]))

    def to_entity(self, entity_id: str, key: Key, aliases: Aliases) -> Entity:
        shown = aliases.same.get(key) or self._best_name(key)
        names = {shown, *self.surfaces, *aliases.names.get(key, ())}
        return Entity(entity_id, key[0], shown, tuple(sorted(names)))

    def _best_name(self, key: Key) -> str:
        fitting = [surface for surface in self.surfaces if key[1] in (folded(surface), spelled(surface))]
        return min(fitting or self.surfaces, key=lambda name: (-self.surfaces[name], _is_written_large(name), name))

    def merges(self, entity: Entity, key: Key) -> Iterator[Merge]:
        for surface, papers in self.surfaces.items():
            if surface != entity.name:
                yield Merge(entity.id, surface, self._reason(surface, key), papers)

    def _reason(self, surface: str, key: Key) -> str:
        known = self.reasons.get(surface)
        if known:
            return min(known)
        return SPELLING if folded(surface) == key[1] else SAME_PAPER


def _expansions(extractions: Iterable[Extraction]) -> dict[Key, tuple[str, str]]:
    """Return (label, short form) -> (long form, why) for the short forms that the papers define alike.

    A short form of four letters or more is also known in lower case.
    """
    votes: dict[Key, Counter[str]] = defaultdict(Counter)
    users: Counter[Key] = Counter()
    for extraction in extractions:
        for entity in extraction.entities:
            users[entity.label, short_form(entity.name)] += 1
            long = " ".join(normal_form(_full_name(entity, extraction)))
            for short in {short_form(short) for short in _short_forms(entity, extraction)}:
                votes[entity.label, short][long] += 1
                if len(short) > 3 and short != short.casefold():
                    votes[entity.label, short.casefold()][long] += 1
    return {key: found for key, counts in votes.items() if (found := _agreed(key[1], counts, users[key]))}


def _full_name(entity: PaperEntity, extraction: Extraction) -> str:
    longs = [
        pair.long for pair in extraction.abbreviations if pair.short == entity.name and pair.long in entity.surfaces
    ]
    return min(longs, default=entity.name)


def _short_forms(entity: PaperEntity, extraction: Extraction) -> set[str]:
    shorts = {pair.short for pair in extraction.abbreviations} & set(entity.surfaces)
    return {short for short in shorts - {_full_name(entity, extraction)} if _SHORT_FORM.fullmatch(short)}


def _agreed(short: str, counts: Counter[str], users: int) -> tuple[str, str] | None:
    together: Counter[str] = Counter()
    for long, papers in counts.items():
        together[folded(long)] += papers
    best = min(together, key=lambda long: (-together[long], long))
    total = together.total()
    if together[best] < AGREEMENT * total or total < DEFINERS * users:
        return None
    long = min(form for form in counts if folded(form) == best)
    return long, f"abbreviation: {short} stands for it in {together[best]} of {total} papers that define it"


def _is_variant(long: str, agreed: str) -> bool:
    """Tell whether two long forms of one abbreviation are one name: spelt alike, or with other function words."""
    one, other = ([word for word in normal_form(form) if word not in _FUNCTION_WORDS] for form in (long, agreed))
    return one == other or SequenceMatcher(None, "".join(one), "".join(other), autojunk=False).ratio() >= ALIKE


def _is_written_large(name: str) -> bool:
    """Tell whether a name looks like a title or the start of a sentence."""
    return name.isupper() or (" " in name and name == name.capitalize())


def entity_id(label: str, name: str) -> str:
    """Return the id that an entity of this label and name has, unless its papers space its words otherwise."""
    return _id((label, folded(name)), " ".join(normal_form(name)))


def _id(key: Key, spaced: str) -> str:
    label, name = key
    slug = re.sub(r"\W+", "-", spaced).strip("-")
    if slug.replace("-", "") != name.replace(" ", ""):
        slug = f"{slug}-{blake2b(name.encode('utf-8', 'surrogatepass'), digest_size=3).hexdigest()}".lstrip("-")
    return f"{label.lower()}:{slug}"
