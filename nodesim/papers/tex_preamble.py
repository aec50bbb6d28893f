"""What stands before a LaTeX document: packages of every distribution, and the few commands that papers use."""

from __future__ import annotations

_MARGIN = "18mm"
_SIZES = {"a4": ("a4paper", 595.28), "letter": ("letterpaper", 612.0)}
# How babel calls languages whose letters T1 has; others keep TeX's own way to break words.
_BABEL = {
    "cs": "czech", "da": "danish", "de": "ngerman", "es": "spanish", "et": "estonian", "fi": "finnish", "fr": "french",
    "hr": "croatian", "hu": "hungarian", "it": "italian", "nl": "dutch", "nb": "norsk", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "sk": "slovak", "sl": "slovene", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

_PREAMBLE = r"""\documentclass[11pt,%(paper)s]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
%(babel)s\usepackage[margin=%(margin)s,headheight=14pt,headsep=0pt,footskip=9mm]{geometry}
\usepackage{amsmath,amssymb,array,booktabs,longtable,fancyhdr,tikz}
\setlength{\parindent}{0pt}\setlength{\parskip}{0.8ex plus 0.4ex}
\setlength{\LTpre}{1ex}\setlength{\LTpost}{1ex}
\AtBeginDocument{\raggedright\setlength{\parindent}{0pt}}\raggedbottom\relpenalty=10000 \binoppenalty=10000
\pagestyle{fancy}\fancyhf{}\renewcommand{\headrulewidth}{0pt}
\renewcommand{\arraystretch}{1.25}
\providecommand{\lt}{<}\providecommand{\gt}{>}
\newcommand{\papertitle}[1]{{\raggedright\LARGE\bfseries #1\par}\medskip}
\newcommand{\who}[2]{\textbf{#1}~\hrulefill\quad\textbf{#2}~\rule[-0.4pt]{3.5cm}{0.4pt}\par\bigskip}
%% What is wider than its place is made smaller.
\newsavebox{\fitted}\newlength{\taken}
\newcommand{\fit}[1]{\sbox{\fitted}{#1}\ifdim\wd\fitted>\dimexpr\linewidth-\taken\relax
  \resizebox{\dimexpr\linewidth-\taken\relax}{!}{\usebox{\fitted}}\else\usebox{\fitted}\fi}
%% Room to write in: at least so wide, with an answer or none on its line and its name below.
\newsavebox{\answered}\newsavebox{\named}\newlength{\roomy}
\newcommand{\wider}[1]{\ifdim\wd#1>\roomy\setlength{\roomy}{\wd#1}\fi}
\newcommand{\room}[3]{\sbox{\answered}{\textbf{#2}}\sbox{\named}{\scriptsize #3}\setlength{\roomy}{#1}%%
  \wider{\answered}\wider{\named}\fit{\vtop{\hbox to\roomy{\hss\rule{0pt}{4.4ex}\usebox{\answered}\hss}%%
  \kern0.6ex\hrule\kern0.6ex\hbox to\roomy{\hss\usebox{\named}\hss}}}}
%% A heading goes to the next sheet with what it stands over. The penalty lets TeX end a sheet that is full already:
%% before that, what is over would be taken for a part of it, and stand on a sheet by itself.
\newcommand{\needroom}[1]{\par\penalty0 \ifdim\dimexpr\pagegoal-\pagetotal\relax<#1\relax\newpage\fi}
\newcommand{\unticked}{$\square$}\newcommand{\ticked}{$\boxtimes$}
%% Equations: the left side and its sign stand before, and what goes on, on a line of its own, behind these.
\newlength{\lead}
\newsavebox{\lefthand}
\newenvironment{equations}[1]{\par\medskip\begingroup\raggedright\setlength{\taken}{0.6\linewidth}%%
  \sbox{\lefthand}{\fit{#1}}\setlength{\lead}{\wd\lefthand}\addtolength{\lead}{1.9em}%%
  \setlength{\taken}{\lead}\addtolength{\taken}{5em}\parskip=1.1ex}{\par\endgroup\medskip}
\newcommand{\leading}[4]{\hangindent=\dimexpr\lead+#3em+1em\relax\hangafter=1
  \makebox[\lead][l]{\makebox[\dimexpr\lead-1.9em\relax][l]{#1}\makebox[1.9em]{$#2$}}\hspace*{#3em}#4\par}
\newcommand{\further}[2]{\hangindent=\dimexpr\lead+#1em+1em\relax\hangafter=1
  \hspace*{\lead}\hspace*{#1em}#2\par}"""


def preamble(size: str, language: str) -> str:
    """Return what stands before the document on sheets of a size, in a language by its code."""
    name = _BABEL.get(language)
    # Where the language is not installed, its words are broken as English ones. None of its short forms: names may have
    # their signs.
    babel = rf"\IfFileExists{{{name}.ldf}}{{\usepackage[{name},shorthands=off]{{babel}}}}{{}}" + "\n" if name else ""
    return _PREAMBLE % {"paper": _SIZES[size][0], "margin": _MARGIN, "babel": babel}


def room_of(size: str) -> float:
    """Return how wide the text on a sheet is, in points.

    Examples
    --------
    >>> round(room_of("a4"))
    493
    """
    return _SIZES[size][1] - 2 * 18 * 72 / 25.4
