"""The named features from which `kgraph_terms` tells terms from other words.

In: a candidate and its text, or one place of it. Out: names of features, each with the value 1. `size` is the number of
words, `key` the lower-case singular form of a word, `|` joins two features into one.

Of a candidate (`key_features`):

| feature | says |
| --- | --- |
| `bias` | always there |
| `size=N`, `k=N`, `k=N\\|S` | number of words; number of places; both |
| `h=K`, `h=K\\|S`, `s=xyz` | the last word (the head), also by size; its last three and last four letters |
| `f=W`, `f=W\\|S`, `fs=xyz` | the first word, also by size; its last three letters |
| `w=K` | each word |
| `c=…` | the spelling of all words (of the first and the last where there are three or more), and of the first by size: x lower case, X capitalised, A capitals, Xx mixed; 9 with a digit |
| `dfS=N`, `tiS=N`, `dfti=N N`, `rateS=N`, `NK`, `kind=K` | its code in the literature (see `ngrams.Code`): frequency, share in titles, both, rate, rate and kind, kind |
| `bondS=N` | how much rarer it is than the rarer of its two parts: without the last and without the first word |
| `less=N`, `lessfront=N` | by how much its rate exceeds that without the first word, without the last word |
| `restS=N`, `frontS=N`, `restrate=N`, `frontrate=N` | where it is unknown: frequency and rate without the first, without the last word |
| `title`, `title\\|k=N` | stands in the title, with the number of places |
| `title^`, `title^:`, `title$`, `title:` | begins the title, before a colon, ends it, stands after a colon |
| `at=N` | stands outside the title only: in which tenth of the text first |
| `short`, `long` | the text defines it as an abbreviation, as the long form of one |

Of a place (`left_features`, `right_features`); `^` and `$` stand for the ends of the text and of the title:

| feature | says |
| --- | --- |
| `p=W`, `pp=W W`, `l=W` | the word before, the two before, each of the five before |
| `n=W`, `nn=W W`, `r=W` | the word after, the two after, each of the four after |
"""  # noqa: E501  # rows of a table cannot be broken

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from kgraph.extract.candidates import Candidate, Text
from kgraph.extract.ngrams import UNKNOWN, Code, ngram_codes
from kgraph.extract.words import Word


def key_features(candidate: Candidate, text: Text) -> list[str]:
    """What a candidate itself is like: words, spelling, number, frequency in the literature, place, abbreviations."""
    inside = _typical_words(candidate, text)
    size = len(inside)
    return [
        *_word_features(size, inside[-1].key, inside[0].lower),
        *_spelling_features(inside),
        *_number_features(len(candidate.places), size),
        *dict.fromkeys(["w=" + word.key for word in inside]),
        *_literature_features(candidate.key, min(size, 3), size > 1),
        *_position_features(candidate, text),
        *_abbreviation_features(candidate.key, text.longs),
    ]


def left_features(words: list[Word], start: int) -> list[str]:
    """What stands before word `start`."""
    near = [word.lower for word in words[max(0, start - 5) : start]]
    one = near[-1] if near and words[start].glued else "^"
    two = near[-2] if len(near) > 1 else "^"
    return ["p=" + one, f"pp={two} {one}", *["l=" + word for word in dict.fromkeys(near)]]


def right_features(words: list[Word], end: int) -> list[str]:
    """What stands from word `end` on."""
    near = [word.lower for word in words[end : end + 4]]
    one = near[0] if near and words[end].glued else "$"
    two = near[1] if len(near) > 1 else "$"
    return ["n=" + one, f"nn={one} {two}", *["r=" + word for word in dict.fromkeys(near)]]


def _typical_words(candidate: Candidate, text: Text) -> list[Word]:
    """Its words where it first stands outside the title, whose capitals mislead; else where it first stands."""
    start, end = next((place for place in candidate.places if place[0] >= text.title_words), candidate.places[0])
    return text.words[start:end]


def _word_features(size: int, head: str, front: str) -> tuple[str, ...]:
    few = min(size, 2)
    return (
        "bias", f"size={size}", f"h={head}", f"h={head}|{few}", f"f={front}", f"f={front}|{few}",
        f"s={head[-3:]}", f"s={head[-4:]}", f"fs={front[-3:]}",
    )  # fmt: skip


def _spelling_features(inside: list[Word]) -> tuple[str, str]:
    size = len(inside)
    shown = inside if size < 3 else (inside[0], inside[-1])
    return "c=" + "".join([_spelling(word.text) for word in shown]), f"c={min(size, 3)}{_spelling(inside[0].text)}"


@lru_cache(maxsize=1 << 14)
def _spelling(text: str) -> str:
    upper = sum(c.isupper() for c in text)
    digit = "9" if any(c.isdigit() for c in text) else ""
    if upper == 0:
        return "x" + digit
    if upper == 1 and text[0].isupper():
        return "X" + digit
    return ("A" if text.isupper() or text[:-1].isupper() else "Xx") + digit


def _number_features(number: int, size: int) -> tuple[str, str]:
    return f"k={min(number, 6)}", f"k={min(number, 4)}|{min(size, 3)}"


def _literature_features(key: str, few: int, several: bool) -> Sequence[str]:
    """How common the words are together and alone, and how the literature uses them."""
    codes = ngram_codes()
    code = codes.get(key)
    front, rest = codes.get(key.rpartition(" ")[0], UNKNOWN), codes.get(key.partition(" ")[2], UNKNOWN)
    if code is None:
        return (
            f"df{few}=0", f"rest{few}={rest.df}", f"front{few}={front.df}",
            f"restrate={rest.rate}", f"frontrate={front.rate}",
        )  # fmt: skip
    return (*_code_features(code, few), *(_part_features(code, front, rest, few) if several else ()))


def _code_features(code: Code, few: int) -> tuple[str, ...]:
    df, titles, rate, kind = code
    return (
        f"df{few}={df}", f"ti{few}={titles}", f"dfti={df} {titles}", f"rate{few}={rate}", f"{rate}{kind}",
        f"kind={kind}",
    )  # fmt: skip


def _part_features(code: Code, front: Code, rest: Code, few: int) -> tuple[str, str, str]:
    bond = min(front.df, rest.df) - code.df
    return f"bond{few}={bond}", f"less={code.rate - rest.rate}", f"lessfront={code.rate - front.rate}"


def _position_features(candidate: Candidate, text: Text) -> list[str]:
    (start, end), total = candidate.places[0], len(text.words)
    if start >= text.title_words:
        return [f"at={10 * start // total}"]
    features = ["title", f"title|k={min(len(candidate.places), 3)}"]
    after = text.words[end].text if end < text.title_words else "$"
    if start == 0:
        features.append("title^:" if after == ":" else "title^")
    if after == "$":
        features.append("title$")
    elif any(word.text == ":" for word in text.words[:start]):
        features.append("title:")
    return features


def _abbreviation_features(key: str, longs: dict[str, str]) -> list[str]:
    features = ["short"] if key in longs else []
    return [*features, "long"] if key in longs.values() else features
