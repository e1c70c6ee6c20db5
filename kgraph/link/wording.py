"""Names that say the same in other words of the same kind: order, function words, general words.

| name | reworded |
| --- | --- |
| fine-tuning of language models, fine-tuning language models | language model fine-tuning |
| detecting errors, detect errors, detection of errors | error detection |
| reinforcement learning with human feedback | reinforcement learning from human feedback |
| needle in a haystack | needle in haystack |

Only what is safe is done. Words are never added or exchanged for others of the same meaning: the knowledge base does
that. Adjectives are never reordered: a convolutional recurrent network is no recurrent convolutional one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from kgraph.link.normal_form import is_plural, normal_form
from kgraph.schema import DATASET, METHOD, TASK

Words = tuple[str, ...]

_ARTICLES: Final = frozenset(("a", "an", "the"))
_FUNCTION_WORDS: Final = _ARTICLES | frozenset(
    ("and", "as", "at", "by", "for", "from", "in", "of", "on", "over", "through", "to", "using", "via", "with")
)
# fmt: off
# Words that only repeat the label of a name.
_GENERAL_WORDS: Final = {
    METHOD: frozenset((
        "algorithm", "approach", "framework", "mechanism", "method", "methodology", "paradigm", "procedure", "scheme",
        "strategy", "technique",
    )),
    DATASET: frozenset(("benchmark", "collection", "corpus", "data", "database", "dataset", "suite")),
    TASK: frozenset(("challenge", "problem", "task")),
}
# Words that do after a proper name: the BERT model is BERT, but a topic model is no topic.
_WORDS_AFTER_PROPER_NAMES: Final = {
    METHOD: frozenset(("architecture", "model", "network", "optimizer", "system")), DATASET: frozenset[str](),
    TASK: frozenset[str](),
}
_LAST_WORD = re.compile(r"(.*[^\W_][+#*]*)[\s-]+([A-Za-z]+)")
_ADJECTIVE = re.compile(r".*\b(?:aware|based|driven|free|guided|like|style)", re.IGNORECASE)
_PROPER = re.compile(r"\w[A-Z0-9]")
_OF = re.compile(r"[^\W\d_] of \w")
_OF_WHAT = re.compile(r".*(?:ing|ion|ment|sis|ness|ity|ance|ence|ery|al|design|transfer)")

# "Detecting errors" is error detection, for "detecting" stands before no other noun.
_NOUNS: Final = {
    "adapt": "adaptation", "align": "alignment", "annotate": "annotation", "classify": "classification",
    "compress": "compression", "construct": "construction", "correct": "correction", "detect": "detection",
    "diagnose": "diagnosis", "discover": "discovery", "disentangle": "disentanglement", "estimate": "estimation",
    "evaluate": "evaluation", "explain": "explanation", "extract": "extraction", "generate": "generation",
    "identify": "identification", "infer": "inference", "interpret": "interpretation", "localize": "localization",
    "mitigate": "mitigation", "optimize": "optimization", "predict": "prediction", "quantify": "quantification",
    "recognize": "recognition", "reconstruct": "reconstruction", "recover": "recovery", "retrieve": "retrieval",
    "simulate": "simulation", "solve": "solving", "summarize": "summarization", "synthesize": "synthesis",
    "translate": "translation", "verify": "verification", "visualize": "visualization",
}
# "Training models" is model training, but training data are no data training: what is done needs a plural.
_GERUNDS: Final = frozenset((
    "answering", "clustering", "editing", "finetuning", "fixing", "forecasting", "merging", "modeling", "playing",
    "posttraining", "pretraining", "processing", "ranking", "scaling", "serving", "testing", "tracking", "training",
    "understanding",
))
_LEARNT: Final = frozenset(("embedding", "feature", "policy", "preference", "representation", "structure"))
# fmt: on


def reworded(name: str, label: str) -> Words:
    """Return the words of a name as all its wordings have them."""
    words = normal_form(name)
    if len(words) < 2:
        return words
    inner = tuple("from" if word == "with" else word for word in words[1:-1] if word not in _ARTICLES)
    words = (words[0], *inner, words[-1])
    return _turned(name, words, label) or _noun_phrase(name, words)


def content_words(words: Iterable[str]) -> Words:
    """Return words without function words."""
    return tuple(word for word in words if word not in _FUNCTION_WORDS)


def without_head(words: Words) -> Words:
    """Return words without the general word that they end with."""
    return words[:-1] if len(words) > 1 and words[-1] in _ALL_GENERAL_WORDS else words


def bare_names(name: str, label: str) -> Iterator[tuple[str, bool]]:
    """Yield a name without the last words that only say what kind of thing it is: LoRA for LoRA framework.

    With each comes whether the words may follow any name, proper or not.
    """
    after_any = True
    while (found := _LAST_WORD.fullmatch(name)) and not _ADJECTIVE.fullmatch(found[1]):
        (word,) = normal_form(found[2])
        if word not in _GENERAL_WORDS[label] | _WORDS_AFTER_PROPER_NAMES[label]:
            return
        after_any = after_any and word in _GENERAL_WORDS[label]
        name = found[1]
        yield name, after_any


def is_proper(name: str) -> bool:
    """Tell whether a name has capitals or digits within its words, as names of single things have: LoRA, R1-Distill."""
    return _PROPER.search(name) is not None


def _turned(name: str, words: Words, label: str) -> Words | None:
    """Fine-tuning of models -> model fine-tuning; where a task is spoken of, the robustness of models, too."""
    if not _OF.search(name) or words.count("of") != 1:
        return None
    at = words.index("of")
    what, of_what = words[:at], words[at + 1 :]
    if not what or not of_what or not _is_plain((*what, *of_what)) or not _OF_WHAT.fullmatch(what[-1]):
        return None
    return (*of_what, *what) if label != DATASET else None


def _noun_phrase(name: str, words: Words) -> Words:
    """Detecting errors -> error detection."""
    verb, objects = words[:1], words[1:]
    if "".join(words[:2]) in _GERUNDS:
        verb, objects = words[:2], words[2:]
    if not objects or not _is_plain(objects):
        return words
    done, plural = "".join(verb), is_plural(name)
    if done in _BY_GERUND or (plural and done in _NOUNS):
        return (*objects, _BY_GERUND.get(done) or _NOUNS[done])
    several = plural and objects[-1] not in _NO_OBJECTS
    if several and (done in _GERUNDS or (done == "learning" and objects[-1] in _LEARNT)):
        return (*objects, *verb)
    return words


def _is_plain(words: Words) -> bool:
    return _FUNCTION_WORDS.isdisjoint(words)


def _gerund(verb: str) -> str:
    stem = verb.removesuffix("e") if verb[-1] == "e" else verb + "r" * (verb == "infer")
    return f"{stem}ing"


_BY_GERUND: Final = {_gerund(verb): noun for verb, noun in _NOUNS.items()}
_ALL_GENERAL_WORDS: Final = frozenset().union(*_GENERAL_WORDS.values(), *_WORDS_AFTER_PROPER_NAMES.values())
_NO_OBJECTS: Final = _ALL_GENERAL_WORDS - {"model", "network", "problem", "system"} | {"law", "objective", "rule"}
