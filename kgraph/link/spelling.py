"""One spelling of words that are written in several ways: accents, Greek letters, British and American English."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_MARK = re.compile("[\u0300-\u036f]")
_GREEK = re.compile("[\u0391-\u03c9]")
# Words that have their -ise from elsewhere: noise, likewise, exercise, enterprise, supervise.
_OWN_ISE: Final = "".join(
    f"(?<!{stem})"
    for stem in ("[vowauc]", "pr", "nd", "advert", "prom", "prem", "expert", "treat", "parad", "franch", "dem")
)
_BRITISH: Final = (
    (re.compile(rf"(.{{3,}}){_OWN_ISE}is(e|ed|er|ing|able|ation|ational)"), r"\1iz\2"),
    (re.compile(r"(analy|cataly|paraly)s(e|ed|er|ing)"), r"\1z\2"),
    (re.compile(r"(behavi|neighb|col|tum|hum|rum|vap|od|flav|fav|lab|harb|hon)our(.*)"), r"\1or\2"),
    (re.compile(r"((?:re|un|mis)?(?:model|label|signal|travel|counsel|channel|cancel))l(ed|er|ing)"), r"\1\2"),
)
_WORDS: Final = {
    "adaption": "adaptation",
    "analogue": "analog",
    "artefact": "artifact",
    "catalogue": "catalog",
    "centre": "center",
    "centred": "centered",
    "defence": "defense",
    "dialog": "dialogue",
    "grey": "gray",
    "heterogenous": "heterogeneous",
    "homogenous": "homogeneous",
    "judgement": "judgment",
    "paediatric": "pediatric",
    "programme": "program",
}


def one_spelling(word: str) -> str:
    """Return a word in lower case in its one spelling: naïve -> naive, β -> beta, optimisation -> optimization."""
    if not word.isascii():
        word = unicodedata.normalize("NFC", _MARK.sub("", unicodedata.normalize("NFD", word)))
        if len(_GREEK.findall(word)) == 1:
            word = _GREEK.sub(_letter_name, word)
    if word in _WORDS:
        return _WORDS[word]
    for british, american in _BRITISH:
        if found := british.fullmatch(word):
            return found.expand(american)
    return word


def _letter_name(letter: re.Match[str]) -> str:
    return unicodedata.name(letter[0]).rpartition(" ")[2].lower()
