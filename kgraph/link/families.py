"""Families: the usages that linking must look at together.

A usage has handles: every name that the rules could see in it. Usages that share a handle, by whatever steps, are one
family; labels do not part them, for one name may stand in several. Linking families one by one gives what linking all
usages at once gives, so a change of a few papers costs the families that they touch. They are small: 357 usages at most
in 50,000 papers. Those that have become one stay one when the paper that joined them goes, which costs time alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from kgraph.link.abbreviations import inner_short_forms
from kgraph.link.aliases import Key, spelled
from kgraph.link.keys import explained, folded_key
from kgraph.link.misspellings import Misspellings
from kgraph.link.normal_form import folded, short_form
from kgraph.link.rules import Rules
from kgraph.link.usages import Surfaces, Usage
from kgraph.link.wording import bare_names


def find_handles(usage: Usage, surfaces: Surfaces, rules: Rules, misspellings: Misspellings) -> set[str]:
    """Return the names by which this usage can come to share a node, or a name, with others."""
    label, written = usage.label, explained(usage, rules)
    handles = {*_spellings(written), folded_key(label, written, rules)[1]}
    for surface in surfaces.papers:
        long = rules.agreed(label, surface)
        handles.update(_spellings(surface), () if long is None else (folded(long.text),))
    for key in {*_keys(usage, written, surfaces, rules), *misspellings.other_names((label, folded(written)), written)}:
        known = rules.known_entity(key)
        handles.add(key[1])
        handles.update(map(folded, (known.name, *known.aliases) if known is not None else ()))
    return handles


def decided_handles(label: str, name: str, rules: Rules) -> set[str]:
    """Return the handles by which to find the family of a name that the user's alias file decides about."""
    long = rules.abbreviations.find(label, name)
    names = {name} if long is None else {name, long.text}
    keys = {rules.find(label, one).key[1] for one in names}
    return {spelled(name), *keys, *(spelling for one in names for spelling in _spellings(one))}


def find_short_forms(usage: Usage, surfaces: Surfaces, written: str) -> set[str]:
    """Return the abbreviations, without case, whose meaning matters to a usage; `written` is its explained name."""
    whole = {usage.name, written, *surfaces.papers}
    names = {*whole, *surfaces.defined, *(short for short, _ in usage.own)}
    for name in whole:
        names.update(inner_short_forms(name))
        names.update(bare for bare, _ in bare_names(name, usage.label))
    return {short_form(name).casefold() for name in names}


def _spellings(name: str) -> set[str]:
    """Return a name folded, and as the alias file would have it: case can matter (SNs is the plural of SN)."""
    return {folded(name), folded(spelled(name))}


def _keys(usage: Usage, written: str, surfaces: Surfaces, rules: Rules) -> Iterator[Key]:
    label = usage.label
    yield rules.find(label, written).key
    for short in surfaces.defined:
        usual = rules.usual_form(label, short, usage.name)
        if usual is not None:
            yield usual
    for bare, _ in bare_names(written, label):
        long = rules.agreed(label, bare)
        yield rules.find(label, bare).key
        yield from ((label, name) for name in _spellings(bare))
        if long is not None:
            yield label, folded(long.text)
