"""Names with a typing error: a word that the whole corpus has once, one letter away from one that it has often.

Candidates share all other words and stand in one label, so the work is near-linear: each rare word is looked up among
the frequent ones by what is left when one letter is taken out of both. Names of one word are never joined (Fish and
Fishr, Adam and AdamW are methods), nor is a letter exchanged for another (tracking is no trucking).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from kgraph.link.aliases import Key
from kgraph.link.likeness import is_slip
from kgraph.link.normal_form import fold, normal_form

RARE: Final = 1
"""Papers at most that use a misspelt word."""

FREQUENT: Final = 50
"""Papers at least that use the word that was meant."""

LETTERS: Final = 7
"""Letters that a word must have: short words are too near to each other."""


def find_misspellings(names: Mapping[Key, tuple[str, int]]) -> dict[Key, Key]:
    """Return, for each misspelt name, the name that was meant; `names` gives a spelling and the papers of each."""
    words = {key: normal_form(name) for key, (name, _) in names.items()}
    papers: Counter[str] = Counter()
    for key, (_, uses) in names.items():
        papers.update(dict.fromkeys(words[key], uses))
    meant = _meant_words(papers)
    found = {}
    for key, parts in words.items():
        for at, word in enumerate(parts):
            right = meant.get(word)
            other = (key[0], fold((*parts[:at], right, *parts[at + 1 :]))) if right and len(parts) > 1 else key
            if other != key and other in names:
                found[key] = other
    return found


def _meant_words(papers: Counter[str]) -> dict[str, str]:
    """Return the frequent word for each rare one that has just one such neighbour."""
    usable = [word for word in papers if len(word) >= LETTERS and word.isalpha()]
    near: dict[str, list[str]] = defaultdict(list)
    for word in usable:
        if papers[word] >= FREQUENT:
            for part in _parts(word):
                near[part].append(word)
    meant = {}
    for word in usable:
        if papers[word] <= RARE:
            right = {other for part in _parts(word) for other in near.get(part, ()) if is_slip(word, other)}
            if len(right) == 1:
                (meant[word],) = right
    return meant


def _parts(word: str) -> Iterable[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}
