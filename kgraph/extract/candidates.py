"""Candidate terms of a text, and the named features that a linear model scores them by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from kgraph.extract.abbreviations import Definition
from kgraph.extract.linear import read_data
from kgraph.extract.words import Word, find_words, is_word, title_end

LONGEST = 7


class Code(NamedTuple):
    """What is known of an n-gram: see training/count_ngrams.py and training/rate_ngrams.py."""

    df: int
    titles: int
    rate: int
    kind: str


_RARE = Code(0, 0, 0, "-")


@dataclass(slots=True)
class Candidate:
    """One name as a paper may use it: its places (as word indices, end exclusive)."""

    key: str
    places: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Text:
    """A text with what the features need to know of it."""

    words: list[Word]
    title_words: int
    longs: dict[str, str]
    """The keys of the short forms, with those of the long forms."""


@cache
def ngram_codes() -> dict[str, Code]:
    """The n-grams of the literature, each with a code of its frequency and of its share in titles."""
    codes = read_data("ngrams.json.gz")["codes"]
    return {gram: code for key, grams in codes.items() for code in [_read_code(key)] for gram in grams.split("\n")}


def _read_code(key: str) -> Code:
    df, titles, rate, kind = key.split()
    return Code(int(df), int(titles), int(rate), kind)


def key_of(words: list[Word]) -> str:
    """The form under which the places of one name are gathered."""
    return " ".join(word.key for word in words)


def read_text(text: str, abbreviations: list[Definition]) -> Text:
    """Prepare a text: its words, and the keys of its short and long forms."""
    border = title_end(text)
    words = find_words(text, border)
    title_words = sum(word.end <= border for word in words)
    longs = {key_of(find_words(pair.short)): key_of(find_words(pair.long)) for pair in abbreviations}
    return Text(words, title_words, longs)


def runs(words: list[Word]) -> Iterator[tuple[int, int]]:
    """The stretches (as word indices) between punctuation marks."""
    start = 0
    for i, word in enumerate(words):
        if not is_word(word):
            if i > start:
                yield start, i
            start = i + 1
        elif not word.glued and i > start:
            yield start, i
            start = i
    if len(words) > start:
        yield start, len(words)


def find_candidates(text: Text, banned: dict[str, frozenset[str]]) -> list[Candidate]:
    """Gather the candidates of a text, in the order of their first places."""
    first, last, inner = banned["first"], banned["last"], banned["inner"]
    found: dict[str, Candidate] = {}
    words = text.words
    for start, end in runs(words):
        for i in range(start, end):
            if words[i].lower in first or words[i].text[0] == "-":
                continue
            for j in range(i + 1, min(end, i + LONGEST) + 1):
                word = words[j - 1].lower
                if word not in last:
                    key = key_of(words[i:j])
                    found.setdefault(key, Candidate(key, [])).places.append((i, j))
                if word in inner and j - 1 > i:
                    break
    return list(found.values())


def left_features(words: list[Word], i: int) -> list[str]:
    """What stands before word `i`."""
    near = [w.lower for w in words[max(0, i - 5) : i]]
    one = near[-1] if near and words[i].glued else "^"
    two = near[-2] if len(near) > 1 else "^"
    return ["p=" + one, f"pp={two} {one}", *["l=" + word for word in dict.fromkeys(near)]]


def right_features(words: list[Word], j: int) -> list[str]:
    """What stands after the word before `j`."""
    near = [w.lower for w in words[j : j + 4]]
    one = near[0] if near and words[j].glued else "$"
    two = near[1] if len(near) > 1 else "$"
    return ["n=" + one, f"nn={one} {two}", *["r=" + word for word in dict.fromkeys(near)]]


@lru_cache(maxsize=1 << 16)
def _spelling(text: str) -> str:
    upper = sum(c.isupper() for c in text)
    digit = "9" if any(c.isdigit() for c in text) else ""
    if upper == 0:
        return "x" + digit
    if upper == 1 and text[0].isupper():
        return "X" + digit
    return ("A" if text.isupper() or text[:-1].isupper() else "Xx") + digit


def key_features(candidate: Candidate, text: Text, codes: dict[str, Code]) -> list[str]:
    """What a candidate itself is like: words, spelling, place, number, frequency in the literature."""
    words = text.words
    start, end = next((p for p in candidate.places if p[0] >= text.title_words), candidate.places[0])
    inside = words[start:end]
    size, head, front = end - start, inside[-1].key, inside[0].lower
    number = len(candidate.places)
    spelling = "".join(_spelling(w.text) for w in (inside if size < 3 else (inside[0], inside[-1])))
    features = [
        "bias", f"size={size}", f"h={head}", f"h={head}|{min(size, 2)}", f"f={front}", f"f={front}|{min(size, 2)}",
        f"s={head[-3:]}", f"s={head[-4:]}", f"fs={front[-3:]}", f"c={spelling}",
        f"c={min(size, 3)}{_spelling(inside[0].text)}", f"k={min(number, 6)}", f"k={min(number, 4)}|{min(size, 3)}",
    ]  # fmt: skip
    features += dict.fromkeys("w=" + w.key for w in inside)
    features += _frequency(candidate.key, size, codes)
    features += _position(candidate, text)
    if candidate.key in text.longs:
        features.append("short")
    if candidate.key in text.longs.values():
        features.append("long")
    return features


def _frequency(key: str, size: int, codes: dict[str, Code]) -> list[str]:
    """How common the words are together and alone, and how the literature uses them."""
    few = min(size, 3)
    code = codes.get(key)
    front, back = codes.get(key.rpartition(" ")[0], _RARE), codes.get(key.partition(" ")[2], _RARE)
    if code is None:
        return [
            f"df{few}=0", f"rest{few}={back.df}", f"front{few}={front.df}",
            f"restrate={back.rate}", f"frontrate={front.rate}",
        ]  # fmt: skip
    df, titles, rate, kind = code
    features = [f"df{few}={df}", f"ti{few}={titles}", f"dfti={df} {titles}", f"rate{few}={rate}", f"{rate}{kind}"]
    features.append(f"kind={kind}")
    if size > 1:
        bond = min(front.df, back.df) - df
        features += [f"bond{few}={bond}", f"less={rate - back.rate}", f"lessfront={rate - front.rate}"]
    return features


def _position(candidate: Candidate, text: Text) -> list[str]:
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


def candidate_features(candidate: Candidate, text: Text, codes: dict[str, Code]) -> dict[str, float]:
    """All features of a candidate; those of its surroundings are averaged over its places (used for fitting)."""
    features: dict[str, float] = dict.fromkeys(key_features(candidate, text, codes), 1.0)
    share = 1 / len(candidate.places)
    for i, j in candidate.places:
        for name in (*left_features(text.words, i), *right_features(text.words, j)):
            features[name] = features.get(name, 0.0) + share
    return features
