"""Names with a typing error: a word that the whole corpus has once, one letter away from one that it has often.

Candidates share all other words and stand in one label, so the work is near-linear: each rare word is looked up among
the frequent ones by what is left when one letter is taken out of both. Names of one word are never joined (Fish and
Fishr, Adam and AdamW are methods), nor is a letter exchanged for another (tracking is no trucking).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
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


class Misspellings:
    """Which words of a corpus are misspelt; `papers` gives the papers of a word, `frequent` are all frequent words."""

    def __init__(self, papers: Callable[[str], int], frequent: Iterable[str]) -> None:
        self._papers = papers
        self._near: dict[str, list[str]] = defaultdict(list)
        for word in filter(is_usable, frequent):
            for part in _parts(word):
                self._near[part].append(word)
        self._meant: dict[str, str | None] = {}

    def meant(self, word: str) -> str | None:
        """Return the frequent word that a rare one stands for, where it has just one such neighbour."""
        if word not in self._meant:
            self._meant[word] = self._find(word) if is_usable(word) and self._papers(word) <= RARE else None
        return self._meant[word]

    def other_names(self, key: Key, name: str) -> Iterator[Key]:
        """Yield the keys, by their spelling, of the names that this one would be without an error in a word."""
        words = normal_form(name)
        for at in range(len(words) - 1, -1, -1) if len(words) > 1 else ():
            right = self.meant(words[at])
            other = (key[0], fold((*words[:at], right, *words[at + 1 :]))) if right else key
            if other != key:
                yield other

    def _find(self, word: str) -> str | None:
        right = {other for part in _parts(word) for other in self._near.get(part, ()) if is_slip(word, other)}
        return right.pop() if len(right) == 1 else None


def count_words(names: Iterable[tuple[str, int]]) -> Counter[str]:
    """Return in how many papers each word is; `names` gives a spelling and the papers of each name."""
    papers: Counter[str] = Counter()
    for name, uses in names:
        papers.update(dict.fromkeys(normal_form(name), uses))
    return papers


def is_usable(word: str) -> bool:
    """Tell whether a word is long enough to be told from another."""
    return len(word) >= LETTERS and word.isalpha()


def _parts(word: str) -> Iterable[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}
