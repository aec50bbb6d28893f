"""How papers look as HTML: on paper black on white, on a screen as light or dark as the reader has it."""

from __future__ import annotations

_SIZES = {"a4": "A4", "letter": "letter"}

_STYLE = """\
@page { size: %s; margin: 13mm 18mm 12mm; }
:root { color-scheme: light dark; --ink: #111; --soft: #555; --line: #777; --ground: #fff; --shade: #f2f2f2; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 11pt/1.45 Charter, "Bitstream Charter",
  Cambria, Georgia, "DejaVu Serif", serif; }
article { max-width: 48rem; margin: 0 auto; padding: 1.5rem 1rem 2rem; overflow-wrap: break-word; }
h1 { font-size: 1.55em; line-height: 1.2; margin: 0 0 .7em; }
h2 { font-size: 1.15em; margin: 1.5em 0 .5em; break-after: avoid; }
h3 { font-size: 1em; margin: 1.2em 0 .4em; break-after: avoid; }
p { margin: .6em 0; orphans: 2; widows: 2; }
math { font-size: 1.08em; math-style: normal; text-indent: 0; }
.m { display: inline-block; max-width: 100%%; text-indent: 0; }
mi.n { font-style: italic; }
mtext span { display: inline-block; max-width: 10em; white-space: normal; overflow-wrap: anywhere; }
.who { display: flex; flex-wrap: wrap; gap: .6em 2em; margin: 0 0 1.2em; }
.who span { flex: 1 1 8em; display: flex; align-items: end; gap: .5em; }
.who span:first-child { flex-grow: 2; }
.who i { flex: 1; border-bottom: 1px solid var(--line); height: 1.6em; }
.blank { display: inline-flex; flex-direction: column; margin: 0 .25em;
  max-width: 100%%; min-width: 0; overflow-wrap: anywhere; }
.blank .room { min-width: 6.5em; padding: .9em .3em 0; line-height: 1.2; border-bottom: 1px solid var(--ink);
  text-align: center; }
.blank.path .room { min-width: 14em; }
small { font-size: .68em; line-height: 1.3; color: var(--soft); text-align: center; }
.choice { display: inline-block; max-width: 100%%; margin-right: .8em; padding-left: 1.3em; text-indent: -1.3em; }
.eq { display: grid; grid-template-columns: auto auto minmax(0, 1fr); gap: .35em .4em;
  margin: .8em 0; align-items: baseline; }
.eq .r > div { padding-left: calc(1.6em * (var(--d) + 1)); text-indent: -1.6em; }
.eq math { margin: .18em 0; }
.wide { overflow-x: auto; margin: .8em 0; }
table { border-collapse: collapse; }
.caption { font-size: .9em; color: var(--soft); margin: 0 0 .3em; }
th, td { border: 1px solid var(--line); padding: .3em .6em; text-align: left; vertical-align: baseline; }
thead th { background: var(--shade); }
tbody th { font-weight: normal; }
p:has(+ .wide, + ul, + ol, + .eq, + figure), .caption { break-after: avoid; }
tr, figure, .eq:not(.long), .eq .r > div, .small { break-inside: avoid; }
ul, ol { padding-left: 1.4em; margin: .6em 0; }
li { margin: .35em 0; }
figure { margin: 1em 0; text-align: center; }
figure img { max-width: 100%%; height: auto; background: #fff; }
figcaption { font-size: .9em; color: var(--soft); }
pre { overflow-x: auto; background: var(--shade); padding: .6em .8em; font-size: .85em; }
footer { margin-top: 2em; padding-top: .4em; border-top: 1px solid var(--line); font-size: .75em; color: var(--soft); }
article + article { break-before: page; }
@media screen {
  article + article { border-top: 3px double var(--line); }
}
@media screen and (max-width: 600px) {
  .eq { grid-template-columns: auto minmax(0, 1fr); overflow-x: auto; }
  .eq .l { grid-column: 1 / -1; }
  .eq .l:empty { display: none; }
}
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --soft: #b0b0b0; --line: #8a8a8a; --ground: #17181a; --shade: #26282b; }
  figure img { border-radius: 6px; }
}
@media print {
  body { font-size: 10.5pt; line-height: 1.36; }
  h2 { margin-top: 1em; }
  li { margin: .2em 0; }
  article { max-width: none; padding: 0; }
  th, td { padding: .25em .45em; }
  .blank { margin: 0 .1em; }
  .blank .room { padding-top: .8em; }
  figure { margin: .6em 0; }
  .eq { margin: .6em 0; }
  footer { margin-top: .6em; break-before: avoid; }
  .turned { position: relative; width: var(--high); height: calc(var(--wide) + 3em); margin: 0 auto; }
  .turned img { position: absolute; left: 0; width: var(--wide); max-width: none; transform-origin: 0 0;
    transform: translateY(var(--wide)) rotate(-90deg); }
  .turned figcaption { position: absolute; bottom: 0; width: 100%%; }
  .wide, pre { overflow: visible; }
  pre { white-space: pre-wrap; }
}
"""


def style(size: str) -> str:
    """Return the style of a page that is printed on sheets of a size."""
    return _STYLE % _SIZES[size]
