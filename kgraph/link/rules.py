"""The rules: which key a name has. Names with the same key are one node.

The first rule that knows a name gives its key:

1. the user's alias file;
2. the knowledge base;
3. the long form, where the name is an abbreviation that (nearly) all papers that define it define alike;
4. the name reworded, with the abbreviations within it written out.

What 2 to 4 make of a name is another name: for that the user's file and the knowledge base are asked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kgraph.link.abbreviations import ANY, Abbreviations, LongForm, is_short_form, mean_the_same, write_out
from kgraph.link.aliases import Aliases, Key
from kgraph.link.knowledge_base import KnowledgeBase, KnownEntity
from kgraph.link.normal_form import fold, folded
from kgraph.link.wording import reworded

ALIAS_FILE: Final = "alias file"
KNOWN: Final = "knowledge base"
ABBREVIATION: Final = "abbreviation: {} stands for it in (nearly) all papers that define it"
WRITTEN_OUT: Final = "abbreviation: a word of the name written out"
WORDING: Final = "wording: order of words, or function words"


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """The key of a name, and why it is another than its own spelling; `reason` is empty where it is not."""

    key: Key
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is known about single names."""

    aliases: Aliases
    knowledge: KnowledgeBase
    abbreviations: Abbreviations

    def find(self, label: str, name: str) -> Found:
        """Return the key of a name."""
        decided = self.aliases.key(label, name)
        if decided is not None:
            return Found(decided, ALIAS_FILE)
        known = self.knowledge.find(label, folded(name))
        if known is not None:
            key = self._key(label, known.name)
            return Found(key, "" if key[1] == folded(name) else KNOWN)
        long = self.abbreviations.find(label, name)
        if long is not None:
            return Found(self._key(label, long.text), ABBREVIATION.format(name))
        return self._reworded(label, name)

    def agreed(self, label: str, name: str) -> LongForm | None:
        """Return what a name stands for by what the papers agree on, where nobody knows better."""
        if self.aliases.key(label, name) is not None or self.knowledge.find(label, folded(name)) is not None:
            return None
        return self.abbreviations.find(label, name)

    def long_form(self, short: str) -> str | None:
        """Return what an abbreviation within a name stands for."""
        agreed = self.abbreviations.find(ANY, short)
        return self.knowledge.long_form(short) or (agreed.text if agreed is not None else None)

    def usual_form(self, label: str, short: str, long: str) -> Key | None:
        """Return the key of what an abbreviation usually stands for, where this long form means the same."""
        known = self.knowledge.find(label, folded(short))
        names = (known.name, *known.aliases) if known is not None else ()
        if known is not None and any(mean_the_same(long, name) for name in names if not is_short_form(name)):
            return self._key(label, known.name)
        agreed = self.abbreviations.find(label, short)
        return self._key(label, agreed.text) if agreed is not None and mean_the_same(long, agreed.text) else None

    def known_entity(self, key: Key) -> KnownEntity | None:
        """Return the known entity whose key this is."""
        known = self.knowledge.find(*key)
        return known if known is not None and folded(known.name) == key[1] else None

    def _key(self, label: str, name: str) -> Key:
        """Return the key of the name that another turned out to be."""
        decided = self.aliases.key(label, name)
        if decided is not None:
            return decided
        known = self.knowledge.find(label, folded(name))
        if known is not None:
            return self.aliases.key(label, known.name) or (label, folded(known.name))
        return self._reworded(label, name).key

    def _reworded(self, label: str, name: str) -> Found:
        written = write_out(name, self.long_form)
        form = fold(reworded(written, label))
        if form == folded(name):
            return Found((label, form))
        known = self.knowledge.find(label, form)
        key = self.aliases.key(label, form) or ((label, form) if known is None else self._key(label, known.name))
        return Found(key, WORDING if written == name else WRITTEN_OUT)
