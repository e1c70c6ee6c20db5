"""Linking over records: what has changed since the last linking is linked anew, together with what it touches.

    papers that changed -> usages -> their families -> linked (`kgraph.link`) -> nodes, and papers with other nodes

The result is the same as if all papers were linked at once: what depends on the whole corpus (what abbreviations stand
for, which words are misspelt) is counted, and where a count changes the outcome, all usages that it matters to are
looked at again; all else depends on the family of a usage alone (see `kgraph.link.families`).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

from kgraph.batches import batches
from kgraph.graph import link_paper
from kgraph.link import NO_ALIASES, Aliases, Decision, KnowledgeBase, Linker, read_knowledge_base
from kgraph.link.abbreviations import Abbreviations, Agreement, agree
from kgraph.link.aliases import Key
from kgraph.link.families import decided_handles, find_handles, find_short_forms
from kgraph.link.keys import explained, folded_key
from kgraph.link.likeness import is_slip
from kgraph.link.linker import collection_held, link_usages, name_nodes
from kgraph.link.misspellings import FREQUENT, RARE, Misspellings, count_words, is_usable
from kgraph.link.normal_form import normal_form
from kgraph.link.rules import Rules
from kgraph.link.usages import Census, Surfaces, Usage
from kgraph.records import Links, Records, UsageRow
from kgraph.revisions import entity_revision

_PAPERS_AT_ONCE: Final = 500
_ALIASES: Final = "aliases"
_RULES: Final = "rules"
_ANY: Final = 2**62


@dataclass(frozen=True, slots=True)
class Linked:
    """What a linking did: how many nodes there are now, how many papers were linked anew, and which names of the alias
    file no entity bears.
    """

    entities: int
    papers: int
    unmatched: tuple[Decision, ...]


def link_records(
    records: Records,
    aliases: Aliases = NO_ALIASES,
    knowledge: KnowledgeBase | None = None,
    *,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Linked:
    """Link what has changed in the records since they were linked last, in one transaction.

    `knowledge` is the shipped knowledge base where none is given. `on_progress` is called with the papers that are
    linked anew, and how many these are.
    """
    with records.linking() as links, collection_held():
        if links.note(_RULES) != _rules_version():
            links.clear()
            links.write_note(_RULES, _rules_version())
        linking = _Linking(records, links, aliases, read_knowledge_base() if knowledge is None else knowledge)
        return linking.run(on_progress)


class _Linking:
    """One linking; `run` has its steps in their order.

    `_before` are the rows of the usages that it looks at as they were stored, `_now` as they are to be; both hold whole
    families.
    """

    def __init__(self, records: Records, links: Links, aliases: Aliases, knowledge: KnowledgeBase) -> None:
        self._records, self._links = records, links
        self._changed, self._removed = links.changed_papers(), links.removed_papers()
        self._next_id = links.next_id()
        self._is_first = not links.has_papers()
        self._agreements = _Agreements(links)
        self._rules = Rules(aliases, knowledge, Abbreviations(self._agreements.find))
        self._before: dict[int, UsageRow] = {}
        self._now: dict[int, UsageRow] = {}
        self._ids: dict[Usage, int] = {}
        self._loaded: set[int] = set()

    def run(self, on_progress: Callable[[int, int], None]) -> Linked:
        """Link; see `link_records`."""
        census, uses = self._count_papers()
        dirty = self._count_abbreviations(census) | self._take_aliases() | self._count_usages(census)
        self._name(dirty)
        dirty |= self._count_words()
        self._join_families(dirty)
        linker = self._link()
        moved = self._store_usages(linker)
        self._store_uses(uses)
        self._store_nodes(linker)
        papers = self._store_papers(linker, moved, on_progress)
        return Linked(self._links.count_nodes(), papers, linker.unmatched)

    def _count_papers(self) -> tuple[Census, Counter[tuple[Usage, str]]]:
        """Count what the papers that changed call their entities, and no longer call them."""
        census, uses = Census(), Counter[tuple[Usage, str]]()
        old = () if self._is_first else (*self._changed, *self._removed)
        new = self._records.namings() if self._is_first else self._records.namings_by_id(self._changed)
        before = (naming for naming in map(self._links.linked_naming, old) if naming is not None)
        for extractions, papers in ((before, -1), (new, 1)):
            for extraction in extractions:
                for usage in census.count(extraction, papers):
                    uses[usage, extraction.paper_id] += papers
        self._links.forget_papers(self._removed)
        return census, uses

    def _count_abbreviations(self, census: Census) -> set[int]:
        """Return the usages that an abbreviation matters to whose meaning has changed."""
        counted = {key[1].casefold() for counts in (census.definitions, census.users) for key in counts}
        defined = {short.casefold() for _, short, _ in census.definitions} | self._links.defined_shorts()
        shorts = set() if self._is_first else counted & defined
        before = {short: self._agreements.find(short) for short in shorts}
        self._links.add_counts("definitions", census.definitions)
        self._links.add_counts("short_users", census.users)
        self._agreements.read()
        changed = {short for short in shorts if self._agreements.find(short) != before[short]}
        return self._load(self._links.usages_with("shorts", changed))

    def _take_aliases(self) -> set[int]:
        """Look at what the alias file decides about; return the usages in its families where the file has changed."""
        aliases, links = self._rules.aliases, self._links
        decided = {handle for key in _decided_names(aliases) for handle in decided_handles(*key, self._rules)}
        version = _version(aliases)
        last, noted = json.loads(links.note(_ALIASES) or json.dumps([_version(NO_ALIASES), []]))
        links.write_note(_ALIASES, json.dumps([version, sorted(decided)]))
        # What was decided about last is looked at too: an abbreviation may have meant something else then.
        families = set(self._families(decided.union(noted)).values())
        for family in families:
            self._load_family(family)
        return {row.id for row in self._now.values() if version != last and row.family in families}

    def _count_usages(self, census: Census) -> set[int]:
        """Add to the usages that papers have, or have no longer; return them."""
        found = set()
        for usage, change in census.surfaces.items():
            if change.uses or change.papers or change.defined:
                row = self._row(usage)
                counted = Surfaces(dict(row.surfaces), dict(row.defined), row.uses)
                counted.add(change)
                self._now[row.id] = row._replace(surfaces=counted.papers, defined=counted.defined, uses=counted.uses)
                found.add(row.id)
        return found

    def _row(self, usage: Usage) -> UsageRow:
        stored = None if self._is_first else self._links.usage(*usage)
        if stored is not None:
            self._load_family(stored.family)
            return self._now[stored.id]
        self._next_id += 1
        self._ids[usage] = self._next_id - 1
        return UsageRow(self._next_id - 1, *usage, {}, {}, 0, "", "", "", "", 0, None)

    def _name(self, dirty: Iterable[int]) -> None:
        """Write names out as the papers now explain them, and load the families that bear them."""
        handles = set()
        for row in [self._now[usage_id] for usage_id in dirty]:
            usage = _usage(row)
            written = explained(usage, self._rules)
            folded = folded_key(row.label, written, self._rules)[1]
            shorts = find_short_forms(usage, _surfaces(row), written)
            words = " ".join(normal_form(written))
            self._now[row.id] = row._replace(
                written=written, folded=folded, words=words, shorts="\x1f".join(sorted(shorts))
            )
            handles.add(folded)
        for family in set(self._families(handles).values()):
            self._load_family(family)

    def _count_words(self) -> set[int]:
        """Add to the papers of words; return the usages with one that is now misspelt, or meant another way."""
        links = self._links
        change = count_words(_names(self._now.values()))
        change.subtract(count_words(_names(self._before.values())))
        papers = {word: links.papers_of_word(word) for word in ([] if self._is_first else change)}
        before = Misspellings(links.papers_of_word, () if self._is_first else links.words(FREQUENT, _ANY))
        was_meant = {word: before.meant(word) for word in self._doubtful(papers, change)}
        links.add_words(change)
        counted = cache(links.papers_of_word) if not self._is_first else change.__getitem__
        self._misspellings = Misspellings(counted, links.words(FREQUENT, _ANY))
        changed = {word for word, meant in was_meant.items() if self._misspellings.meant(word) != meant}
        return self._load(links.usages_with("words", changed))

    def _doubtful(self, papers: dict[str, int], change: Counter[str]) -> set[str]:
        """Return the words that may have become, or ceased to be, misspelt ones."""
        counted = [(word, old, old + change[word]) for word, old in papers.items() if change[word] and is_usable(word)]
        rare = {word for word, old, new in counted if min(old, new) <= RARE}
        turned = [word for word, old, new in counted if (old >= FREQUENT) != (new >= FREQUENT)]
        others = self._links.words(0, RARE) if turned else ()
        return rare | {other for other in others if is_usable(other) and any(is_slip(other, word) for word in turned)}

    def _join_families(self, dirty: Iterable[int]) -> None:
        """Give usages their families by their handles; families that share a handle become one."""
        joined, known, number = _Joined(), dict[str, int](), self._links.next_family()
        for row in [row for usage_id in dirty if (row := self._now[usage_id]).uses]:
            handles = find_handles(_usage(row), _surfaces(row), self._rules, self._misspellings)
            known |= self._families(handle for handle in handles if handle not in known)
            families = {known[handle] for handle in handles if handle in known}
            if row.family:
                families.add(row.family)
            if not families:
                families, number = {number}, number + 1
            family = joined.join(families)
            known |= dict.fromkeys(handles, family)
            self._now[row.id] = row._replace(family=family)
        for family in joined.all():
            self._load_family(family)
        self._links.write_handles({handle: joined.find(family) for handle, family in known.items()})
        self._links.move_handles({family: root for family in joined.all() if (root := joined.find(family)) != family})
        self._now = {key: row._replace(family=joined.find(row.family)) for key, row in self._now.items()}

    def _link(self) -> Linker:
        usages = {_usage(row): _surfaces(row) for row in self._now.values() if row.uses}
        return link_usages(usages, self._rules, self._misspellings)

    def _store_usages(self, linker: Linker) -> list[int]:
        """Store usages with their nodes; return those whose node is another than before."""
        moved = []
        for key, row in self._now.items():
            node_id = linker.ids[_usage(row)] if row.uses else None
            if key in self._before and node_id != self._before[key].node_id:
                moved.append(key)
            self._now[key] = row._replace(node_id=node_id)
        gone = [key for key, row in self._now.items() if not row.uses]
        changed = (row for key, row in self._now.items() if row.uses and row != self._before.get(key))
        self._links.write_usages(changed)
        self._links.delete_usages(gone)
        return moved

    def _store_uses(self, uses: Counter[tuple[Usage, str]]) -> None:
        numbered = [(self._id(usage), paper_id, papers) for (usage, paper_id), papers in uses.items() if papers]
        added = [(usage_id, paper_id) for usage_id, paper_id, papers in numbered if papers > 0]
        self._links.write_uses(added, [(usage_id, paper_id) for usage_id, paper_id, papers in numbered if papers < 0])

    def _id(self, usage: Usage) -> int:
        if usage not in self._ids:
            stored = self._links.usage(*usage)
            assert stored is not None
            self._ids[usage] = stored.id
        return self._ids[usage]

    def _store_nodes(self, linker: Linker) -> None:
        links, entities = self._links, linker.entities
        old = {row.node_id for row in self._before.values() if row.node_id is not None}
        stored = {} if self._is_first else {node.id: revision for node, revision in links.nodes(old)}
        made = ((node, entity_revision(node)) for node in entities.values())
        links.write_nodes((node, revision) for node, revision in made if stored.get(node.id) != revision)
        links.delete_nodes(old - entities.keys())
        links.write_merges(old | entities.keys(), linker.merges)

    def _store_papers(self, linker: Linker, moved: Iterable[int], on_progress: Callable[[int, int], None]) -> int:
        """Link the papers that changed, and those whose entities have other nodes than before."""
        ids = {*self._changed, *self._links.papers_using(moved)}
        found = self._records.papers() if self._is_first else self._records.papers_by_id(sorted(ids))
        node_of = cache(lambda usage: linker.ids[usage] if usage in linker.ids else self._stored_node(usage))
        done = 0
        for batch in batches(found, _PAPERS_AT_ONCE):
            linked = []
            for paper, extraction in batch:
                nodes = name_nodes(extraction, node_of)
                linked.append((extraction, nodes, link_paper(paper, extraction, nodes).revision))
            self._links.write_papers(linked)
            done += len(batch)
            on_progress(done, len(ids))
        return done

    def _stored_node(self, usage: Usage) -> str | None:
        stored = self._links.usage(*usage)
        return stored.node_id if stored is not None else None

    def _families(self, handles: Iterable[str]) -> dict[str, int]:
        return {} if self._is_first else self._links.families(handles)

    def _load(self, usage_ids: Iterable[int]) -> set[int]:
        """Load the families of usages; return the usages."""
        found = list(self._links.usages_by_id(usage_ids))
        for row in found:
            self._load_family(row.family)
        return {row.id for row in found}

    def _load_family(self, family: int) -> None:
        """Load the usages of a family that is stored."""
        if family not in self._loaded and not self._is_first:
            self._loaded.add(family)
            for row in self._links.usages_of(family):
                self._before[row.id] = self._now[row.id] = row
                self._ids[_usage(row)] = row.id


class _Agreements:
    """What papers agree that abbreviations stand for, read when it is asked for."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self.read()

    def read(self) -> None:
        """Read anew what has been counted."""
        self._defined = self._links.defined_shorts()
        self._found: dict[str, Agreement] = {}

    def find(self, short: str) -> Agreement | None:
        """Return what a short form without case stands for."""
        if short not in self._defined:
            return None
        if short not in self._found:
            definitions = {(label, exact, long): n for (label, exact, long), n in self._counts("definitions", short)}
            users = {(label, exact): n for (label, exact), n in self._counts("short_users", short)}
            self._found[short] = agree(definitions, users)
        return self._found[short]

    def _counts(self, table: str, short: str) -> Iterable[tuple[tuple[str, ...], int]]:
        return self._links.counts(table, short).items()


class _Joined:
    """Families that have become one: disjoint sets, each known by its least number."""

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}

    def find(self, family: int) -> int:
        """Return the least number of the set."""
        root = family
        while self._parents.get(root, root) != root:
            root = self._parents[root]
        while family != root:
            self._parents[family], family = root, self._parents.get(family, family)
        return root

    def join(self, families: Iterable[int]) -> int:
        """Make these one set, and return its least number."""
        roots = set(map(self.find, families))
        least = min(roots)
        self._parents |= dict.fromkeys(roots, least)
        return least

    def all(self) -> list[int]:
        """Return every family that was joined with any, itself among them."""
        return list(self._parents)


def _usage(row: UsageRow) -> Usage:
    return Usage(row.label, row.name, row.own)


def _surfaces(row: UsageRow) -> Surfaces:
    return Surfaces(row.surfaces, row.defined, row.uses)


def _names(rows: Iterable[UsageRow]) -> Iterator[tuple[str, int]]:
    """Yield a spelling of each name, with the papers that it is in."""
    written = defaultdict[Key, Counter[str]](Counter)
    for row in rows:
        if row.uses:
            written[row.label, row.folded][row.written] += row.uses
    return ((min(names), names.total()) for names in written.values())


def _decided_names(aliases: Aliases) -> list[Key]:
    same = [(label, name) for (label, _), names in aliases.names.items() for name in names]
    written = [(label, decision.name) for decision in aliases.decisions for label in decision.labels]
    return sorted({*same, *written, *aliases.different, *aliases.rename, *aliases.drop})


def _version(aliases: Aliases) -> str:
    mappings = [sorted(mapping.items()) for mapping in (aliases.same, aliases.names, aliases.rename)]
    return _digest(json.dumps([*mappings, sorted(aliases.different), sorted(aliases.drop)]).encode())


@cache
def _rules_version() -> str:
    """Return a digest of the code and the knowledge base that link: with another, everything is linked anew."""
    package = Path(__file__).parent
    modules = [package / f"{name}.py" for name in ("graph", "linking", "revisions", "schema")]
    files = [*modules, *sorted((package / "link").glob("*.py")), package / "link" / "knowledge_base.jsonl"]
    return _digest(b"".join(file.read_bytes() for file in files))


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=12).hexdigest()
