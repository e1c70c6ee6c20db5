"""Text as it comes from pages and files -> one clean line that people can read.

Texts are cleaned before they are stored, so every offset of kgraph counts in cleaned text.
"""

from __future__ import annotations

import html
import html.entities
import re
import unicodedata
from typing import Final

from kgraph.read.latex import strip_latex

_ROUNDS: Final = 64

_SUSPECT: Final = re.compile(r"[\x00-\x1f\x7f$&<\\~{]|--|``|  |^ | $|[a-z]\([A-Z]")
_GLUED: Final = re.compile(r"(?<=[a-z]{3})\((?=[A-Z][A-Za-z-]*[A-Z]s?\))")
_ENTITY: Final = re.compile(r"&(?:amp;)*(?P<name>#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

# Tags of HTML, JATS and MathML that catalogues leave in titles and abstracts. Others stay: <unk>, <s>, <think>.
_BLOCK_TAGS: Final = "p|br|div|li|ul|ol|h[1-6]|sec|title|list|list-item|disp-formula|tr|td|table|blockquote|label"
_INLINE_TAGS: Final = (
    "i|b|em|strong|u|sub|small|big|span|font|tt|code|a|italic|bold|sc|monospace|underline|roman|xref|ext-link|"
    "inline-formula|tex-math|math|mrow|mi|mo|mn|mtext|mstyle|msub|msup|mfrac|msqrt|semantics|alternatives|inf"
)
_PREFIX: Final = r"(?:jats:|mml:)?"
_ATTRIBUTES: Final = r"(?:\s[^<>]{0,300})?"
_HEADING: Final = re.compile(rf"^\s*<{_PREFIX}(title|h[1-6])>\s*abstract\s*</{_PREFIX}\1>", re.IGNORECASE)
_BLOCK: Final = re.compile(rf"</?{_PREFIX}(?:{_BLOCK_TAGS}){_ATTRIBUTES}\s*/?>", re.IGNORECASE)
_INLINE: Final = re.compile(rf"</?{_PREFIX}(?:{_INLINE_TAGS}){_ATTRIBUTES}\s*/?>", re.IGNORECASE)
_SUPERSCRIPT: Final = re.compile(rf"<{_PREFIX}sup{_ATTRIBUTES}>([^<>]{{0,40}})</{_PREFIX}sup>", re.IGNORECASE)

# What stands for nothing: control and zero-width characters, soft hyphens, direction marks, lone surrogates,
# non-characters. Zero-width joiners stay between letters of scripts that need them.
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffc\ufffe\uffff\ud800-\udfff]"
    "|(?<![\u0300-\U0010fffd])[\u200c\u200d]|[\u200c\u200d](?![\u0300-\U0010fffd])"
)
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
_SOFT_HYPHEN: Final = re.compile("\u00ad(?:[ \\t]*\r?\n[ \\t]*)?")
_LIGATURES: Final = {ord(char): unicodedata.normalize("NFKC", char) for char in "ﬀﬁﬂﬃﬄﬅﬆ"}
_MATH_LETTERS: Final = re.compile("[\U0001d400-\U0001d7ff\u2102\u210b-\u2112\u2115\u2119-\u211d\u2124\u2128-\u2131]")
_BROKEN_ENCODING: Final = re.compile("[ÂÃâð][\x80-\xbf\u0152-\u0178\u02c6\u02dc\u2013-\u2122]")

# A hyphen at a line's end stays after these and after a word that has one already; else the word is joined.
_HYPHENATED: Final = re.compile(r"(?<![\w-])(?P<left>[\w-]*\w)(?:-|\u2010)[ \t]*\r?\n[ \t]*(?P<right>\w+)")
_KEPT_AFTER: Final = re.compile(
    "all|anti|auto|best|bi|co|cross|data|de|deep|down|dual|end|ever|few|fine|first|five|four|free|full|graph|"
    "ground|half|hand|hard|high|higher|human|in|input|inter|intra|k|large|last|left|less|life|light|long|low|"
    "lower|machine|many|max|meta|micro|mid|mini|mixed|model|multi|n|near|neural|new|node|non|off|on|one|open|"
    "order|out|over|pair|point|post|pre|private|pseudo|quasi|re|real|right|same|second|self|semi|sentence|"
    "short|single|six|small|so|soft|spatio|state|step|strong|sub|super|task|ten|text|three|time|token|top|"
    "training|two|ultra|un|uni|user|value|vision|weak|well|wide|word|world|zero",
    re.IGNORECASE,
)


def clean_text(text: str) -> str:
    """Return the text as one line of plain Unicode (NFC): no tags, entities, LaTeX remains, control characters.

    Words parted at a line's end are joined, "models(LLMs)" gets its space. Idempotent: a clean text stays as it is.
    """
    for _ in range(_ROUNDS):
        if text.isascii() and not _SUSPECT.search(text):
            break
        cleaned = _clean_once(text)
        if cleaned == text:
            break
        text = cleaned
    return text


def clean_line(text: str) -> str:
    """Return the text without invisible characters and with single spaces, for ids and addresses."""
    return " ".join(_drop_invisible(text).split())


def _drop_invisible(text: str) -> str:
    return (_CONTROL if text.isascii() else _INVISIBLE).sub("", text)


def _clean_once(text: str) -> str:
    if not text.isascii():
        text = _clean_unicode(text)
    if "&" in text:
        text = _ENTITY.sub(_unescape, text)
    if "<" in text:
        text = _strip_tags(text)
    if "\n" in text:
        text = _HYPHENATED.sub(_join_line, text)
    text = strip_latex(" ".join(_drop_invisible(text).split()))
    text = _GLUED.sub(" (", text)
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _clean_unicode(text: str) -> str:
    if _BROKEN_ENCODING.search(text):
        from ftfy import fix_encoding

        text = fix_encoding(text)
    text = _SOFT_HYPHEN.sub("", text)
    text = _MATH_LETTERS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return unicodedata.normalize("NFC", text.translate(_LIGATURES))


def _unescape(found: re.Match[str]) -> str:
    name = found["name"]
    is_known = name.startswith("#") or f"{name};" in html.entities.html5
    return html.unescape(f"&{name};") if is_known else f"&{name};"


def _strip_tags(text: str) -> str:
    text = _SUPERSCRIPT.sub(r"^\1", _HEADING.sub("", text))
    return _INLINE.sub("", _BLOCK.sub(" ", text))


def _join_line(found: re.Match[str]) -> str:
    left, right = found["left"], found["right"]
    is_compound = "-" in left or bool(_KEPT_AFTER.fullmatch(left)) or not right[0].islower() or not left.isalpha()
    return f"{left}-{right}" if is_compound else left + right
