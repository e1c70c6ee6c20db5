"""The mentions of one paper gathered into entities, each with a type and a name.

In: mentions in the order of the text, and the abbreviations. Out: groups, without roles. Mentions join one group

1. that have one normal form ("graph neural networks", "Graph-Neural Network"),
2. that are a short form and its long form, also where the text never defines it but the letters are the initials of
   just one other name,
3. that differ in a generic head only ("LoRA framework", "LoRA").

The type is the one with the largest sum of scores; the name is the commonest full form.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from kgraph.extract.abbreviations import Definition
from kgraph.extract.mentions import Place, Term
from kgraph.extract.words import find_words, normal_form
from kgraph.schema import ENTITY_LABELS

_GENERIC_HEAD = re.compile(
    r"(?<=\S)\s+(?:frameworks?|models?|methods?|algorithms?|approach|approaches|systems?|architectures?|networks?|"
    r"datasets?|benchmarks?|corpus|corpora|tasks?|problems?|techniques?|strategy|modules?|pipelines?|toolkit)$",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"([A-Z]{2,6})s?$")


@dataclass(slots=True)
class Group:
    """The mentions of one entity (at least one, in the order of the text), and what becomes known of it."""

    terms: list[Term]
    label: str
    name: str
    words: list[str]
    """The keys of the words of the name."""
    score: float
    role: str = ""
    role_score: float = 1.0

    @property
    def places(self) -> list[Place]:
        """Where the mentions stand."""
        return [term.place for term in self.terms]

    @property
    def surfaces(self) -> set[str]:
        """The spellings of the mentions."""
        return {term.text for term in self.terms}


def build_groups(terms: list[Term], abbreviations: list[Definition]) -> list[Group]:
    """Gather mentions into entities, in the order of the text; no two share a spelling, so no two share a name."""
    return [make_group(members, choose_label(members), abbreviations) for members in group_terms(terms, abbreviations)]


def make_group(terms: list[Term], label: str, abbreviations: Iterable[Definition]) -> Group:
    """Make an entity of mentions, as sure as the surest of them."""
    name = choose_name([term.text for term in terms], abbreviations)
    words = [word.key for word in find_words(name)]
    return Group(terms, label, name, words, max(term.score for term in terms))


def group_terms(terms: list[Term], abbreviations: Iterable[Definition]) -> list[list[Term]]:
    """Gather the mentions of one entity; the groups are in the order of their first mentions."""
    surfaces = list(dict.fromkeys(term.text for term in terms))
    longs = undefined_abbreviations(surfaces)
    longs |= {normal_form(pair.short): normal_form(pair.long) for pair in abbreviations}
    known = {normal_form(surface) for surface in surfaces} | longs.keys()
    form_of = {surface: _entity_form(surface, known, longs) for surface in surfaces}
    groups: dict[str, list[Term]] = defaultdict(list)
    for term in terms:
        groups[form_of[term.text]].append(term)
    return list(groups.values())


def _entity_form(surface: str, known: set[str], longs: dict[str, str]) -> str:
    """The normal form of an entity: of the long form where there is one, without a generic head where that occurs."""
    form, bare = normal_form(surface), normal_form(_GENERIC_HEAD.sub("", surface))
    if form not in longs and bare in known:
        form = bare
    return longs.get(form, form)


def undefined_abbreviations(surfaces: list[str]) -> dict[str, str]:
    """Short forms (as normal forms) that are the initials of just one other name, though the text never says so."""
    acronyms = {normal_form(surface): found[1] for surface in surfaces if (found := _ACRONYM.match(surface))}
    names: dict[str, set[str]] = defaultdict(set)
    for surface in surfaces:
        words = re.findall(r"[^\W_]+", surface)
        if len(words) > 1:
            names["".join(word[0] for word in words).upper()].add(normal_form(surface))
    return {form: next(iter(names[letters])) for form, letters in acronyms.items() if len(names[letters]) == 1}


def choose_label(terms: list[Term]) -> str:
    """The type with the largest sum of scores."""
    votes = dict.fromkeys(ENTITY_LABELS, 0.0)
    for term in terms:
        votes[term.label] += term.score
    return max(ENTITY_LABELS, key=votes.__getitem__)


def choose_name(surfaces: list[str], abbreviations: Iterable[Definition]) -> str:
    """The commonest full form, or the commonest short form where there is no other; ties go to the first."""
    shorts = {normal_form(pair.short) for pair in abbreviations}
    counts = Counter(surfaces)
    full = [surface for surface in counts if normal_form(surface) not in shorts and not _ACRONYM.match(surface)]
    return max(full or counts, key=counts.__getitem__)
