r"""Remains of LaTeX in running text -> plain text.

An abstract is not a LaTeX document: `$5`, `50%`, `C#`, `snake_case` and `C:\temp` are ordinary text there. So nothing
is parsed as a document: known shapes are rewritten, innermost first, and everything else stays as it is.
The names of symbols (`\alpha`, `\rightarrow`) come from pylatexenc's table.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

from kgraph.read.latex_names import ESCAPES, LETTERS, MARKS, NO_ARGUMENT, ONE_ARGUMENT, TWO_ARGUMENTS

# \"o \"{o} {\"o} {\"{o}} \'{\i} \c{c} \v s; a letter as mark needs braces or a space.
_ACCENT: Final = re.compile(
    r"(?P<open>\{)?\\(?:(?P<mark>[`'^\"~=.])\s*|(?P<word>[urHvdck])(?:(?=\{)|\s+))"
    r"(?P<brace>\{)?(?P<base>[A-Za-z]|\\[ij](?![A-Za-z])\s?)(?(brace)\})(?(open)\})"
)
_LETTER: Final = re.compile(
    r"\{\\(?P<braced>ss|ae|AE|oe|OE|aa|AA|[oOlLij])\}|\\(?P<closed>ss|ae|AE|oe|OE|aa|AA|[oOlLij])\{\}|"
    r"(?<=[A-Za-z])\\(?P<inner>ss|ae|oe|aa|[ol])(?![A-Za-z])\s?|\\(?P<first>AE|OE|AA|[OL])\s+(?=[a-z])"
)
# Quotes that some exports escape, and the genitive: no accents. A closing quote tells that the others are quotes too.
_QUOTE: Final = re.compile(r"\\\"(?!\{)")
_CLOSING_QUOTE: Final = re.compile(r"\\\"(?![A-Za-z{\\])")
_GENITIVE: Final = re.compile(r"\\'(?=(?:s|t|re|ve|ll|d|m)?(?![A-Za-z{\\]))")

_MATH: Final = re.compile(
    r"(?<!\\)(?:\$\$(?P<display>(?:[^$\\]|\\.){1,400}?)\$\$|\$(?P<inline>(?:[^$\\]|\\.){1,400}?)\$)"
    r"|\\\((?P<round>.{1,400}?)\\\)|\\\[(?P<square>.{1,400}?)\\\]",
    re.DOTALL,
)
_COMMAND_IN_MATH: Final = re.compile(r"\\(?:text|mbox|operatorname|math)\w*\s*\{[^{}]*\}|\\[A-Za-z]+")
_PROSE: Final = re.compile(r"[A-Za-z]{2,}[,.;:]?\s+[A-Za-z]{2,}|^[\d.,]+[kMB]?\s+[A-Za-z]{2,}")
_STRONG: Final = re.compile(r"\\[A-Za-z]|[\^=<>]|^\W+$|^\s[^\W\d]\S*\s$")
_WEAK: Final = re.compile(r"(?=\S).*[^\s/+=,;:-]", re.DOTALL)

# References point to what an abstract does not hold; the space or tie before one goes with it.
_REFERENCE: Final = re.compile(
    r"(?:(?<![\s~])[\s~]+)?\\(?:cite[a-z]*|(?:eq|c|C|auto|page|name)?ref|label)\*?(?:\[[^\[\]]*\])*\{[^{}]*\}"
)
_ARGUMENT: Final = r"\s*\{([^{}]*)\}"
_TWO: Final = re.compile(rf"\\({'|'.join(TWO_ARGUMENTS)})\s*(?:\[[^\[\]]*\])?{_ARGUMENT}{_ARGUMENT}")
_ONE: Final = re.compile(rf"\\([A-Za-z]+)\*?(?:\s*\[([^\[\]]*)\])?{_ARGUMENT}")
_SWITCH: Final = re.compile(
    r"\{\\(?:em|it|bf|sc|sf|tt|rm|cal|bfseries|itshape|ttfamily|small|textbf|textit)\s+([^{}]*)\}"
)
_BARE: Final = re.compile(r"(?<![:\\])(?P<before> ?)\\(?P<name>[A-Za-z]+)(?![A-Za-z])(?:\{\})?(?P<after> ?)")
_UNKNOWN: Final = re.compile(r"(?<![^\s(\[\"'`“-])\\([A-Za-z]{3,})(?![A-Za-z\\])|\{\\([A-Za-z]{2,})\s*\}")
_SCRIPT: Final = re.compile(r"(?<=[\w)\]}])([\^_])\{([^{}\\]{1,60})\}")
_MATH_SCRIPT: Final = re.compile(r"([\^_])\s*\{([^{}]*)\}")
_GROUP: Final = re.compile(r"(?<!\\)\{([^{}]*)\}")
_LONE: Final = re.compile(r"\{([^\w\s{}\\]|[^\x00-\x7f])\}")
_DEGREE: Final = re.compile(r"\^\s*(?:\\circ(?![A-Za-z])|\{\s*\\circ\s*\})")
_UNICODE: Final = re.compile(r"\\unicode\{x([0-9A-Fa-f]{2,5})\}")
_ESCAPED: Final = re.compile(r"\\([%&_#${}|/'\",;:!@-])|\\\\(?=\s|$)|(?<=[\w.,)\]}])\\(?=\s)")
_TIE: Final = re.compile(r"(?<=[^\W\d]|[.,:;)\]}%'\"*])~(?=\s|[\w(\[\\$\"'`])|(?<=\d)~(?=[^\W\d]|[×(\[\\$\"'`])")
_DASHES: Final = re.compile(r"(?<=[^\s<>!|=/-])---?(?=[^->])|(?<=\s)---?(?=\s)")


def strip_latex(text: str) -> str:
    r"""Return the text without LaTeX remains: `\emph{x}` -> `x`, `$\mathcal{O}(n)$` -> `O(n)`, `S$^{2}$F` -> `S^2F`."""
    if "\\" in text:
        text = _UNICODE.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.replace(r"\^{}", "^").replace(r"\~{}", "~")
        text = _GENITIVE.sub("'", _QUOTE.sub('"', text) if _CLOSING_QUOTE.search(text) else text)
        text = _LETTER.sub(lambda found: LETTERS[found[found.lastgroup or 0]], _ACCENT.sub(_accent, text))
    if "$" in text or "\\" in text:
        text = _replace_math(text)
    if "\\" in text:
        text = _commands(_REFERENCE.sub("", text))
        text = _UNKNOWN.sub(lambda found: found[1] or found[2], text)
    if "{" in text:
        text = _SCRIPT.sub(_script, _LONE.sub(r"\1", text))
    if "``" in text:
        text = text.replace("``", '"').replace("''", '"')
    if "--" in text:
        text = _DASHES.sub(lambda found: "—" if "---" in found[0] else "–", text)
    if "~" in text:
        text = _TIE.sub(" ", text)
    return _unescape(text) if "\\" in text else text


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda found: ESCAPES.get(found[1], " "), text)


def _accent(found: re.Match[str]) -> str:
    base = found["base"].strip().lstrip("\\")
    letter = unicodedata.normalize("NFC", base + MARKS[found["mark"] or found["word"]])
    return letter if len(letter) == 1 else found[0]


def _replace_math(text: str) -> str:
    """Rewrite the formulas; a `$` that opens none stays, and the next one may open."""
    parts, start = [], 0
    while found := _MATH.search(text, start):
        body = next(filter(None, found.groups()))
        is_math = found["inline"] is None or _is_math(body, text[found.end() : found.end() + 1])
        end = found.end() if is_math else found.start() + 1
        parts += [text[start : found.start()], _plain_math(body) if is_math else text[found.start() : end]]
        start = end
    return "".join([*parts, text[start:]])


def _is_math(body: str, following: str) -> bool:
    """Tell a formula from amounts of money ("$5 and $10"), shell variables and the like."""
    is_range = body[0].isdigit() and following.isdigit() and "\\" not in body
    if is_range or _PROSE.search(_COMMAND_IN_MATH.sub("", body)):
        return False
    return bool(_STRONG.search(body)) or (bool(_WEAK.fullmatch(body)) and not following.isdigit())


@lru_cache(maxsize=8192)
def _plain_math(body: str) -> str:
    text = _DEGREE.sub("°", body.replace("~", " ").replace(r"\ ", " "))
    text = _commands(text)
    previous = ""
    while text != previous:
        previous, text = text, _GROUP.sub(r"\1", _MATH_SCRIPT.sub(_script, text))
    return _unescape(text).strip()


def _commands(text: str) -> str:
    """Rewrite symbols, then commands with arguments, innermost first: each round takes at least one command away."""
    text, previous = _BARE.sub(_symbol, text), ""
    while text != previous:
        previous, text = text, _ONE.sub(_one_argument, _TWO.sub(_two_arguments, text))
    return _BARE.sub(_word, _SWITCH.sub(r"\1", text))


def _two_arguments(found: re.Match[str]) -> str:
    name, first, second = found.groups()
    if name.endswith("frac"):
        first, second = _factor(first), _factor(second)
    return TWO_ARGUMENTS[name].format(first, second)


def _one_argument(found: re.Match[str]) -> str:
    name, option, argument = found.groups()
    if TWO_ARGUMENTS.get(name):
        return found[0]  # its arguments have commands of their own, or the second is missing
    if name == "sqrt" and option:
        return f"{_factor(argument)}^(1/{option})"
    if name in ONE_ARGUMENT:
        return ONE_ARGUMENT[name].format(argument)
    shown = NO_ARGUMENT.get(name, _symbols().get(name, "" if argument else name))
    return shown + argument


def _factor(text: str) -> str:
    return text if re.fullmatch(r"[\w.\\]*", text) else f"({text})"


def _symbol(found: re.Match[str]) -> str:
    before, name, after = found.groups()
    shown = _symbols().get(name)
    if shown is None:
        return found[0]
    if shown.isascii() and shown.isalpha():  # the name of a function: \ln in T\ln T
        is_glued = found.string[max(found.start() - 1, 0) : found.start()].isalnum()
        return f"{' ' if is_glued else before}{shown}{after}"
    return f"{before}{shown}{after if before else ''}"


def _word(found: re.Match[str]) -> str:
    before, name, after = found.groups()
    return f"{before}{NO_ARGUMENT[name]}{after}" if name in NO_ARGUMENT else found[0]


def _script(found: re.Match[str]) -> str:
    mark, script = found[1], found[2].strip()
    return f"{mark}{script}" if re.fullmatch(r"\w*|[^\w\s()]", script) else f"{mark}({script})"


@cache
def _symbols() -> dict[str, str]:
    """Return the commands that stand for a symbol, with it."""
    from pylatexenc.latex2text import get_default_latex_context_db

    specs = get_default_latex_context_db().iter_macro_specs()
    shown = {spec.macroname: spec.simplify_repl.strip() for spec in specs if isinstance(spec.simplify_repl, str)}
    return {name: text for name, text in shown.items() if len(name) > 1 and _is_symbol(text)}


def _is_symbol(text: str) -> bool:
    return len(text) == 1 or (text.islower() and text.replace(" ", "").isalpha())  # ∈, or a function: log, lim sup
