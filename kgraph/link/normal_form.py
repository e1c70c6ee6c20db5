"""What two spellings of one name have in common: the words, without case, hyphens, or a plural."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:[+#*']+)?")
_KEEPS_ITS_S = re.compile(r"(?:ss|us|is|as|os|ics|series|species|lens|bayes)$")


@lru_cache(maxsize=1 << 16)
def normal_form(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case and singular: ("graph", "neural", "network") for Graph-Neural Networks.

    Signs that tell names apart (C++, A*, C#) stay with their word. Never empty: a name without words is its own form.
    """
    folded = unicodedata.normalize("NFKC", name).casefold().replace("’", "'")
    words = tuple(_singular(word) for word in _WORD.findall(folded))
    return words or (folded.strip() or name,)


def short_form(name: str) -> str:
    """Return an abbreviation without the s of its plural: LLM for LLMs."""
    return name[:-1] if len(name) > 2 and name.endswith("s") and name[-2].isupper() else name


def _singular(word: str) -> str:
    word = word.removesuffix("'s").rstrip("'")
    if len(word) <= 3 or not word.endswith("s") or _KEEPS_ITS_S.search(word):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses", "zes")) and len(word) > 4:
        return word[:-2]
    return word[:-1]
