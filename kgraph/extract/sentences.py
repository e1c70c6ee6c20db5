"""`kgraph_sentences`: where the sentences of a title and an abstract begin.

In: a doc. Out: its sentences (`doc.sents`); they replace those that another component may have set.

The title (the first line, if more follow) is one sentence. In the abstract a sentence ends at . ! ? or …, but not

- after an abbreviation (`e.g.`, `et al.`, an initial); after some it does where a word that begins sentences follows,
- at a full stop before a lower-case word,
- where no space follows, unless a lower-case word meets a capital there ("many tasks.We"); 。！ and ？ need none.
"""

from __future__ import annotations

import re

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from kgraph.extract.spans import text_of
from kgraph.extract.words import title_end

# A full stop after one of these ends no sentence (compared in lower case, without the full stop).
ABBREVIATED = frozenset({
    "e.g", "i.e", "cf", "al", "fig", "figs", "eq", "eqs", "sec", "secs", "tab", "ref", "refs", "no", "nos", "vs",
    "resp", "approx", "ca", "dr", "mr", "mrs", "ms", "prof", "st", "jr", "dept", "univ", "inc", "ltd", "corp", "vol",
    "pp", "ed", "eds", "incl", "excl", "w.r.t", "s.t", "a.k.a", "i.i.d", "viz", "thm", "lem", "prop", "def",
})  # fmt: skip
# These end a sentence only where the next one begins with a word that begins sentences.
_OPEN = frozenset({
    "u.k", "ph.d", "a.m", "etc", "p.m", "u.s",
})  # fmt: skip
_STARTERS = frozenset({
    "a", "an", "the", "this", "that", "these", "those", "we", "our", "it", "its", "in", "on", "to", "for", "from",
    "by", "with", "as", "at", "he", "she", "they", "their", "there", "here", "however", "moreover", "furthermore",
    "finally", "first", "second", "third", "next", "then", "thus", "therefore", "hence", "while", "when", "although",
    "though", "if", "since", "because", "despite", "unlike", "using", "based", "experiments", "results", "code",
    "such", "many", "most", "some", "recent", "recently", "existing", "current", "extensive", "i",
})  # fmt: skip
_END = re.compile(r"(?P<mark>[.!?。！？]+|…)(?P<close>[\"'”’)\]}]*)(?P<gap>\s*)(?P<next>[\"'“‘(\[{$]*\S?)")
_LAST_WORD = re.compile(r"[^\s(\[{\"“]*$")
_NEXT_WORD = re.compile(r"[\"'“‘(\[{]*([^\W\d_]+)")


def sentence_starts(text: str) -> list[int]:
    """The offsets at which sentences begin, in order, at least one."""
    after_title = title_end(text) + 1
    starts = [0] if after_title > 1 or not after_title else []
    if after_title and after_title < len(text):
        starts.append(after_title)
    for found in _END.finditer(text, after_title):
        if _ends_sentence(text, found):
            starts.append(found.end("gap"))
    return starts or [0]


def _ends_sentence(text: str, found: re.Match[str]) -> bool:
    """Whether a mark, with the closing and opening brackets and quotes around it, ends a sentence."""
    following = found["next"]
    if not following:
        return False
    word = _LAST_WORD.search(text, max(0, found.start() - 40), found.start())
    before = word[0] if word else ""
    if not found["gap"]:
        return _joined_end(before, found, following)
    if found["mark"] != ".":
        return "." not in found["mark"] or not following[-1].islower()
    return _stop_ends(text, before, found, following[-1])


def _joined_end(before: str, found: re.Match[str], following: str) -> bool:
    """ "...several tasks.We then": a lower-case word, a full stop, a capital, and no space."""
    starts_new = following[-1].isupper() and found["mark"] in {".", "!", "?"} and not found["close"]
    return found["mark"] in {"。", "！", "？"} or (
        starts_new and len(before) > 2 and before.isalpha() and before.islower()
    )


def _stop_ends(text: str, before: str, found: re.Match[str], following: str) -> bool:
    """Whether a single full stop ends a sentence: `before` is the word that it follows, `following` the next letter."""
    lower = before.lower().strip("([{\"'“‘").rstrip(".")
    next_word = _NEXT_WORD.match(text, found.end("gap"))
    starter = next_word is not None and next_word[1].lower() in _STARTERS and next_word[1][0].isupper()
    if lower in ABBREVIATED:
        return lower == "al" and starter
    if lower in _OPEN or (len(lower) == 1 and lower.isalpha() and before[-1:].isupper()):
        return starter
    return not following.islower() or found["close"] != ""


@Language.component("kgraph_sentences", assigns=["token.is_sent_start", "doc.sents"])
def mark_sentences(doc: Doc) -> Doc:
    """Set the sentence starts of a doc."""
    offsets = doc.to_array(["IDX"]).astype(np.int64)
    first = np.searchsorted(offsets, sentence_starts(text_of(doc)))
    marks = np.full(len(doc), -1, dtype=np.int64)
    marks[first[first < len(doc)]] = 1
    marks[:1] = 1
    return doc.from_array(["SENT_START"], marks.astype(np.uint64)[:, None])  # type: ignore[arg-type]
