"""`kgraph_guard`: stretches whose words a paper does not claim of itself.

In: a doc with sentences. Out: `doc.spans["kgraph_guard"]`, spans labelled

| label | what is named there | e.g. |
| --- | --- | --- |
| CONTRAST | what the paper sets itself against | "unlike X", "instead of X", "beyond X" |
| NEGATED | what is not used, not needed or not achieved | "without X", "do not use X", "neither X nor", "fails to" |
| HYPOTHETICAL | plans and open questions | "we plan to", "in future work", "whether ... remains unclear" |
| HEDGED | what may be | "could be applied to", "promising direction for", "opens the door to" |
| CITED | claims of others | "prior work relies on", "Lee et al. show", "has been widely used" |

A stretch begins with a cue and ends, within its sentence, where its phrase or clause ends; brackets that open and close
after the cue belong to it. Of two mentions that a BLOCKING stretch parts, one inside and one outside, no relation is
stated (`is_blocked`): on annotated papers such pairs hold a third as often as other pairs of one sentence. Pairs that
HEDGED and CITED stretches hold are relations about as often as others, so these labels only inform.

After the trigger phrases and their scopes of NegEx (W. Chapman et al., "A simple algorithm for identifying negated
findings and diseases in discharge summaries", 2001).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc, Span

from kgraph.extract.spans import cover, keep_spans, text_of

SPANS: Final = "kgraph_guard"
CONTRAST: Final = "CONTRAST"
NEGATED: Final = "NEGATED"
HYPOTHETICAL: Final = "HYPOTHETICAL"
HEDGED: Final = "HEDGED"
CITED: Final = "CITED"
BLOCKING: Final = frozenset({CONTRAST, NEGATED, HYPOTHETICAL})
INFORMING: Final = frozenset({HEDGED, CITED})

_NOT = (
    r"(?:(?:do|does|did|is|are|was|were|can|could|will|would|should|has|have|be)\s?(?:not|n[o']t|never|no longer)|"
    r"cannot|can['’]t|never|no longer)"
)
_USE = (
    r"us(?:e[sd]?|ing)|requir(?:e[sd]?|ing)|rel(?:y|ies|ied|ying)|depend(?:s|ed|ing)?|need(?:s|ed|ing)?|"
    r"employ(?:s|ed|ing)?|appl(?:y|ies|ied|ying|icable)|adopt(?:s|ed|ing)?|consider(?:s|ed|ing)?|assum(?:e[sd]?|ing)|"
    r"involv(?:e[sd]?|ing)|suit(?:ed|able)"
)
# "without hurting X" says that X is there.
_HARM = (
    "sacrific|compromis|degrad|hurt|affect|chang|alter|disrupt|modif|incur|los|exhibit|harm|impair|shar|introduc|"
    "increas|reduc|weaken|forget|worsen|clear"
)
_MODAL = r"(?:could|might|may|would|can potentially)\s(?:\w+\s)?"
_APPLIED = (
    r"(?:used|applied|extended|adapted|generali[sz]ed|employed|adopted|leveraged|integrated|combined|deployed|"
    r"transferred|exploited|useful|helpful|beneficial|relevant)"
)
_OTHERS = (
    r"(?:(?:prior|previous|existing|recent|earlier|past|current|other|traditional|conventional|classical|many|several|"
    r"most|numerous|various|state-of-the-art|contemporary|related)\s){1,3}(?:[\w-]+\s){0,3}?"
    r"(?:works?|stud(?:y|ies)|approaches|methods|research|researchers|papers?|literature|techniques|efforts|solutions|"
    r"attempts|models|algorithms|systems|strategies|frameworks|authors)"
)
_CLAIM = (
    r"(?:us(?:e[sd]?|ing)|rel(?:y|ies|ied)|appl(?:y|ies|ied)|focus(?:es|ed)?|employ(?:s|ed)?|leverag(?:e[sd]?)|"
    r"adopt(?:s|ed)?|requires?|assumes?|show(?:s|n|ed)?|demonstrat(?:e[sd]?)|suggest(?:s|ed)?|propos(?:e[sd]?)|"
    r"explor(?:e[sd]?)|stud(?:y|ied)|argue[sd]?|reveal(?:s|ed)?|investigat(?:e[sd]?)|establish(?:es|ed)?|"
    r"indicat(?:e[sd]?)|develop(?:ed)?|introduc(?:e[sd]?)|finds?|found)"
)
_YEAR = r"[(\[]?(?:19|20)\d\d[a-z]?[)\]]"
_OPEN = (
    r"(?:to be (?:seen|explored|studied|investigated|understood|determined)|an? open|open|unclear|unknown|unsolved|"
    r"unresolved|unaddressed|untested|unproven|unanswered|un(?:der)?-?explored|un(?:der)?-?studied|"
    r"under-?(?:examined|investigated)|elusive|poorly understood|largely un\w+)"
)
_BRIEF = r"[^,;:]{0,200}?"

# Where a stretch ends. A comma inside a list ("A, B, or C") does not end it.
_ITEM = r"[\w$-]+(?:\s[\w$-]+){0,2}"
_COMMA = rf",(?!\s+n?or\b)(?!\s+(?:{_ITEM},\s+){{1,4}}(?:and|n?or)\b)(?!\s+{_ITEM}\s+n?or\b)"
_END = r"[;:.!?](?=\s|$)|\s(?:[–—]|--)\s|[()]|\bbut\b"
_FRONT = rf"{_COMMA}(?!\s+{_ITEM}\s+and\s[^,]{{1,40}},)(?!\s+and\s[^,]{{1,40}},)|{_END}|\bwe\b"
_PHRASE = (
    rf"{_COMMA}|{_END}|\b(?:we|while|whereas|that|which|where|who|when|if|is|are|was|were|can|has|have|by|via|through|"
    r"using|yet|so|than|because|since|due|despite|although|towards?|and then)\b"
)
_CLAUSE = r"[;.!?](?=\s|$)|,\s+(?:but|we|our|which|while|whereas|instead|and)\b|\bbut\b|\binstead\b"
_SENTENCE = r"[;.!?](?=\s|$)|\bbut\b"
_ACCOUNT = (
    r"[;!?](?=\s|$)|\.$|\b(?:but|[Hh]owever|whereas|while|although|yet|[Ww]e|[Oo]ur|"
    r"[Tt]his (?:paper|work|study|article))\b"
)

# Label, what begins a stretch, what ends it. Where stretches overlap the label of the upper one counts.
_CUES: Final = [
    (label, re.compile(rf"(?<!\w)(?:{cue})(?!\w)", re.IGNORECASE), re.compile(stop))
    for label, cue, stop in (
        (
            CONTRAST,
            r"^(?:unlike|in contrast (?:to|with)|contrary to|as opposed to|different(?:ly)? from|instead of|"
            r"rather than|in place of|in lieu of|beyond(?=[^,.]*:))",
            _FRONT,
        ),
        (
            CONTRAST,
            r"(?<!^)(?<!not )(?:unlike|in contrast (?:to|with)|contrary to|as opposed to|differently from|"
            r"(?:differs?|different|distinct|departs?|departing) from|instead of|rather than|in place of|in lieu of|"
            r"beyond|other than|alternatives? to)",
            _PHRASE,
        ),
        (NEGATED, rf"(?<!and )(?<!or )without(?! (?:\w+ly )?(?:{_HARM}))", _PHRASE),
        (
            NEGATED,
            r"no need (?:for|of|to)|free (?:of|from)|in the absence of|dispens(?:es?|ing) with|(?:but|,) not(?! only)|"
            r"(?:needs?|needing|requir(?:es?|ing)|us(?:es?|ing)|with|assum(?:es?|ing)) no(?! (?:more|less)\b)|"
            r"no (?:[\w-]+ ){1,6}?(?:is|are|was|were) (?:\w+ly )?(?:needed|required|necessary|used|available|assumed)",
            _PHRASE,
        ),
        (NEGATED, r"neither|nor|none of", _PHRASE),
        (
            NEGATED,
            r"(?:avoid|bypass|eliminat|circumvent|sidestep|obviat|remov|forgo)(?:e|es|s|ing|ed)?(?: \w+){0,2}? "
            r"(?:use of|needs? (?:for|of|to)|requirements? (?:for|of)|(?:over-?)?(?:reliance|dependenc[ey]) on)",
            _PHRASE,
        ),
        (NEGATED, rf"{_NOT}\s(?!only|merely)(?:\w+ly\s|be\s)*(?:{_USE})", _CLAUSE),
        (
            NEGATED,
            r"(?:fail(?:s|ed|ing)?|struggl(?:e[sd]?|ing)|(?:is|are|be) unable|inability|falls? short|inadequate|"
            r"insufficient|ill-suited|unsuitable|inapplicable|infeasible) (?:to|in|on|with|for|at|of)|"
            r"suffer(?:s|ed|ing)? from",
            _PHRASE,
        ),
        (
            HYPOTHETICAL,
            r"we (?:also |further )?(?:plan|intend|leave)|(?:in|as|our) future (?:works?|research|studies)|"
            r"future (?:works?|research|studies|directions?|extensions?|efforts?) "
            r"(?:will|would|should|could|can|may|might|includes?|is|are|aims?)|in the (?:near )?future|in future(?=,)",
            _SENTENCE,
        ),
        (HYPOTHETICAL, rf"(?:remain(?:s|ed|ing)?|(?:is|are) (?:still|yet)) {_OPEN}|yet to be", _SENTENCE),
        (HYPOTHETICAL, rf"(?:whether|how|why)\s{_BRIEF}\b(?:remains?|(?:is|are)(?: still)?) {_OPEN}", r""),
        (HEDGED, rf"{_MODAL}be\s(?:\w+ly\s)?{_APPLIED}|{_MODAL}(?:help|serve|enable|benefit|inspire|support)", _CLAUSE),
        (
            HEDGED,
            r"(?:promising|potential|interesting|exciting|fruitful) (?:\w+ )?(?:directions?|avenues?|paths?|routes?|"
            r"candidates?|tools?|opportunit(?:y|ies)|possibilit(?:y|ies)|applications?) (?:for|to|in|of|towards?)|"
            r"potential (?:to|of|for|in|as)|hold(?:s|ing)? (?:\w+ )?(?:promise|potential)|"
            r"open(?:s|ed|ing)?(?: up)? (?:the (?:door|way)|new (?:avenues|possibilities|opportunities))|"
            r"pav(?:e[sd]?|ing) (?:the|a) (?:way|path)|(?:groundwork|foundations?|stage|basis) for|"
            r"for future|future (?:works?|research|studies)|we (?:hope|believe|expect|envision)",
            _SENTENCE,
        ),
        (HEDGED, r"whether", _SENTENCE),
        (
            CITED,
            rf"(?:et al\.?|{_YEAR}|\[\d+(?:[,–-]\s?\d+)*\])(?:,? {_YEAR})? (?:\w+ly |also |first )*{_CLAIM}|"
            r"(?:by|of) [\w-]+ et al",
            _ACCOUNT,
        ),
        (CITED, rf"{_OTHERS} (?:(?:has|have|had) )?(?:\w+ly |also |often |been |mostly )*{_CLAIM}", _ACCOUNT),
        (
            CITED,
            r"it (?:has been|is|was) (?:\w+ly |well |also |often )?(?:shown|known|demonstrated|believed|argued|"
            r"established|observed|assumed|understood|thought|found)",
            _ACCOUNT,
        ),
        (
            CITED,
            r"^[^;]*?\b(?:(?:has|have|had) (?:\w+ly )?been (?:\w+ly |\w+ and \w+ )?"
            r"(?:used|applied|adopted|employed|utili[sz]ed|leveraged|proposed|introduced|developed|explored|studied|"
            r"investigated|shown|demonstrated)|"
            r"(?:is|are) (?:\w+ly |often |now |also )+(?:used|applied|adopted|employed|utili[sz]ed))",
            _ACCOUNT,
        ),
        (
            CITED,
            r"traditionally|conventionally|historically|in the literature|^recent(?:ly)?|^in recent years",
            _ACCOUNT,
        ),
    )
]
_BRACKETS = re.compile(r"\([^()]*\)")


class Stretch(NamedTuple):
    """A guarded stretch: its offsets (end exclusive) and its label."""

    start: int
    end: int
    label: str


def find_guarded(sentence: str) -> Iterator[Stretch]:
    """Yield the guarded stretches of one sentence, cue by cue."""
    for label, cue, stop in _CUES:
        for found in cue.finditer(sentence):
            yield Stretch(found.start(), _stretch_end(sentence, found.end(), stop), label)


def _stretch_end(sentence: str, start: int, stop: re.Pattern[str]) -> int:
    """Where the phrase ends that a cue begins; what stands in brackets after the cue ends nothing."""
    rest = _BRACKETS.sub(lambda found: "_" * len(found[0]), sentence[start:])
    end = stop.search(rest)
    return start + len(rest[: end.start() if end else None].rstrip(" ,\n"))


def read_guarded(doc: Doc) -> list[Stretch]:
    """The guarded stretches that the component marked in a doc."""
    return [Stretch(span.start_char, span.end_char, span.label_) for span in doc.spans.get(SPANS, [])]


def guarding_label(stretches: Iterable[Stretch], start: int, end: int, among: frozenset[str] = BLOCKING) -> str:
    """The label of the first stretch, of those labels, that all of a mention stands in; "" where it stands in none."""
    return next((s.label for s in stretches if s.label in among and s.start <= start and end <= s.end), "")


def is_blocked(one: str, other: str, may_contrast: bool = False) -> bool:
    """Whether two mentions of one sentence state no relation, by the labels of the stretches that they stand in.

    What a CONTRAST holds whole may still be related ("unlike X for Y"), and a relation that `may_contrast` may cross
    its border; what is negated or hypothetical is not stated at all.
    """
    if one == other:
        return one in {NEGATED, HYPOTHETICAL}
    allowed = {"", CONTRAST} if may_contrast else {""}
    return any(label in BLOCKING and label not in allowed for label in (one, other))


def _spans(doc: Doc) -> Iterator[Span]:
    text = text_of(doc)
    for sent in doc.sents:
        offset = sent.start_char
        for start, end, label in find_guarded(text[offset : sent.end_char]):
            yield cover(doc, offset + start, offset + end, label)


@Language.component("kgraph_guard", requires=["doc.sents"], assigns=["doc.spans"])
def mark_guarded(doc: Doc) -> Doc:
    """Mark the guarded stretches of a doc."""
    keep_spans(doc, SPANS, _spans(doc), "kgraph_guard")
    return doc
