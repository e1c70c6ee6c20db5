"""LaTeX commands that abstracts are found to hold, and what is shown in their place."""

from __future__ import annotations

from typing import Final

# Commands with one argument -> what is shown. A command that is not listed shows its argument as it is.
ONE_ARGUMENT: Final = {
    **dict.fromkeys(("begin", "end", "vspace", "hspace", "color", "phantom"), ""),
    "footnote": " ({})",
    "enquote": '"{}"',
    "textsuperscript": "^{}",
    "sqrt": "√({})",
    "hat": "{}\u0302",
    "widehat": "{}\u0302",
    "bar": "{}\u0304",
    "dot": "{}\u0307",
    "ddot": "{}\u0308",
    "tilde": "{}\u0303",
    "widetilde": "{}\u0303",
    "vec": "{}\u20d7",
}
TWO_ARGUMENTS: Final = {
    **dict.fromkeys(("frac", "tfrac", "dfrac"), "{0}/{1}"),
    **dict.fromkeys(("href", "hyperlink", "textcolor", "colorbox"), "{1}"),
    "binom": "C({0}, {1})",
    "SI": "{0} {1}",
}
# Commands without argument -> what is shown.
NO_ARGUMENT: Final = {
    **dict.fromkeys(("em", "it", "bf", "sc", "sf", "tt", "rm", "cal", "bfseries", "itshape", "ttfamily"), ""),
    **dict.fromkeys(("footnotesize", "scriptsize", "small", "large", "displaystyle", "limits", "xspace"), ""),
    **dict.fromkeys(("left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "protect", "centering"), ""),
    **dict.fromkeys(("textbf", "textit", "textsc", "texttt", "emph", "text", "mathbf", "mathrm", "mathbb"), ""),
    **dict.fromkeys(("mathcal", "mathsf", "mathit", "boldsymbol", "bm", "operatorname"), ""),
    **dict.fromkeys(("par", "newline", "noindent", "item", "quad", "qquad"), " "),
    "eg": "e.g.",
    "ie": "i.e.",
    "etal": "et al.",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "BibTeX": "BibTeX",
    "textemdash": "—",
    "textendash": "–",
    "textasciitilde": "~",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "texttimes": "×",
    "colon": ":",
    "percent": "%",
    "degree": "°",
    "checkmark": "✓",
}
ESCAPES: Final = {
    **{char: char for char in "%&_#${}|/'\""},
    ",": " ",
    ";": " ",
    ":": " ",
    "!": "",
    "@": "",
    "-": "",
}
MARKS: Final = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
}
LETTERS: Final = {
    "ss": "ß",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "i": "ı",
    "j": "ȷ",
}
