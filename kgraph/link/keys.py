"""Which key each name of a corpus has, and why.

The rules are asked about every name. All spellings of one have one key: that of the most used spelling for which a rule
speaks. Then names that only repeat another, with a general word (the LoRA framework) or an error in writing, take its
key. These look only for names whose key the rules gave, so there are no chains: two names never share a node because
each resembles a third.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kgraph.link.abbreviations import mean_the_same, write_out
from kgraph.link.aliases import Key, spelled
from kgraph.link.misspellings import Misspellings
from kgraph.link.normal_form import folded, is_plural, normal_form, short_form
from kgraph.link.rules import ABBREVIATION, WORDING, WRITTEN_OUT, Found, Rules
from kgraph.link.usages import Usage, Usages
from kgraph.link.wording import bare_names, is_proper

VARIANT: Final = "variant: {} stands for both"
GENERAL_WORD: Final = "general word: it only repeats what kind of thing this is"
MISSPELT: Final = "misspelling: one letter of a word that is in one paper only"
_Found = Mapping[Key, Found]
_Spellings = Mapping[Key, Counter[str]]


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of all names, by label and folded name.

    `names` gives these two for each usage; `spellings` the ways in which each name is written, with the papers of each.
    """

    rules: Rules
    names: Mapping[Usage, Key]
    spellings: _Spellings
    found: _Found

    def key(self, usage: Usage) -> Key:
        """Return the key of a usage."""
        return self.found[self.names[usage]].key

    def resolve(self, label: str, name: str) -> Found:
        """Return the key of any name where its paper does not explain it, also of one that no paper uses."""
        long = self.rules.agreed(label, name)
        if long is not None:
            found = self._find(label, long.text)
            return Found(found.key, ABBREVIATION.format(short_form(name)))
        return self._find(label, name)

    def _find(self, label: str, name: str) -> Found:
        return self.found.get(folded_key(label, name, self.rules)) or self.rules.find(label, name)


def find_keys(usages: Usages, rules: Rules, misspellings: Misspellings) -> Keys:
    """Give every name its key."""
    names, spellings = dict[Usage, Key](), defaultdict[Key, Counter[str]](Counter)
    for usage, surfaces in usages.items():
        name = explained(usage, rules)
        names[usage] = folded_key(usage.label, name, rules)
        spellings[names[usage]][name] += surfaces.uses
    ruled = {key: _first_found(rules, key[0], written) for key, written in spellings.items()}
    ruled |= _variants(usages, names, ruled, rules)
    found = ruled | _misspelt(spellings, ruled, rules, misspellings) | _with_general_words(spellings, ruled, rules)
    return Keys(rules, names, spellings, found)


def count_names(usages: Usages, rules: Rules) -> Iterator[tuple[str, int]]:
    """Yield a spelling of each name, with the papers that it is in."""
    written = defaultdict[Key, Counter[str]](Counter)
    for usage, surfaces in usages.items():
        name = explained(usage, rules)
        written[folded_key(usage.label, name, rules)][name] += surfaces.uses
    return ((min(names), names.total()) for names in written.values())


def explained(usage: Usage, rules: Rules) -> str:
    """Write out a name that is an abbreviation, and abbreviations within it that its paper defines as no other does."""
    long = rules.agreed(usage.label, usage.name)
    if long is not None:
        return long.text
    odd = {
        short: long
        for short, long in usage.own
        if (usual := rules.long_form(short)) is None or not mean_the_same(long, usual)
    }
    return write_out(usage.name, odd.get) if odd else usage.name


def folded_key(label: str, name: str, rules: Rules) -> Key:
    """Return the key of a name by its spelling alone."""
    apart = rules.aliases.different
    return (label, spelled(name)) if apart and (label, spelled(name)) in apart else (label, folded(name))


def _first_found(rules: Rules, label: str, written: Counter[str]) -> Found:
    found = [rules.find(label, name) for name in _by_use(written)]
    return next((one for one in found if one.reason), found[0])


def _by_use(written: Counter[str]) -> list[str]:
    return sorted(written, key=lambda name: (-written[name], name)) if len(written) > 1 else list(written)


def _is_open(found: Found, rules: Rules) -> bool:
    """Tell whether nobody knows a name, so that it may be another in disguise."""
    return found.reason in ("", WORDING, WRITTEN_OUT) and rules.known_entity(found.key) is None


def _variants(usages: Usages, names: Mapping[Usage, Key], ruled: _Found, rules: Rules) -> dict[Key, Found]:
    """Find long forms that papers define for an abbreviation, which say what it usually stands for in other words."""
    found = defaultdict[Key, list[Found]](list)
    for usage, surfaces in usages.items():
        key = names[usage]
        for short in surfaces.defined if _is_open(ruled[key], rules) else ():
            usual = rules.usual_form(usage.label, short, usage.name)
            if usual is not None and usual != ruled[key].key:
                found[key].append(Found(usual, VARIANT.format(short_form(short))))
    return {key: min(variants) for key, variants in found.items()}


def _with_general_words(spellings: _Spellings, ruled: _Found, rules: Rules) -> dict[Key, Found]:
    """Find names that only add a general word to a proper name, or to one of the knowledge base."""
    found = {}
    for key, written in spellings.items():
        if _is_open(ruled[key], rules):
            bare = next(_bare_keys(key[0], _by_use(written)[0], spellings, ruled, rules), None)
            if bare is not None and bare != ruled[key].key:
                found[key] = Found(bare, GENERAL_WORD)
    return found


def _bare_keys(label: str, name: str, spellings: _Spellings, ruled: _Found, rules: Rules) -> Iterator[Key]:
    for bare, after_any in bare_names(name, label):
        known, long = rules.knowledge.find(label, folded(bare)), rules.agreed(label, bare)
        key = (label, folded(bare if long is None else long.text))
        if known is not None:
            fits = known.label == label and _repeats(bare, known.name, after_any)
        elif long is not None:
            fits = key in ruled and after_any
        else:
            fits = bare in spellings.get(key, ()) and is_proper(bare) and (after_any or not is_plural(name))
        if fits:
            yield rules.find(label, bare).key if known is not None else ruled[key].key


def _repeats(bare: str, known: str, after_any: bool) -> bool:
    """Tell whether a general word after this name of a known entity says nothing new."""
    is_common_word = bare.islower() and is_proper(known)  # complex methods are no ComplEx
    return (after_any or not known.islower()) and not is_common_word and not _is_cut(bare, known)


def _is_cut(name: str, whole: str) -> bool:
    """Tell whether a name is another without its end: a cross-entropy method is no cross-entropy (loss)."""
    words, all_words = normal_form(name), normal_form(whole)
    return len(words) < len(all_words) and all_words[: len(words)] == words


def _misspelt(spellings: _Spellings, ruled: _Found, rules: Rules, misspellings: Misspellings) -> dict[Key, Found]:
    found = {}
    for key, written in spellings.items():
        others = (other for other in misspellings.other_names(key, min(written)) if other in ruled)
        meant = next(others, None)
        if meant is not None and _is_open(ruled[key], rules):
            found[key] = Found(ruled[meant].key, MISSPELT)
    return found
