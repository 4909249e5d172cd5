"""The style sheet of the dashboard, light and dark, and what the browser is told to admit beside it."""

import base64
import hashlib
from typing import Final

from optafly.core.dashboard_script import SCRIPT_DIGEST

STYLE: Final = """
:root { color-scheme: light dark;
  --back: #f7f7f5; --card: #ffffff; --text: #1f2328; --dim: #5d646c; --edge: #dcdfe3; --point: #1f232812;
  --a: #1f7a5c; --b: #838c96; --c: #a67f0c; --d: #b5452c; --e: #2f6db3; --f: #7a5aa6; }
@media (prefers-color-scheme: dark) { :root {
  --back: #15171a; --card: #1e2125; --text: #e4e6e9; --dim: #a0a7af; --edge: #363b41; --point: #ffffff14;
  --a: #46b38b; --b: #7d8690; --c: #d9b84a; --d: #ea7f65; --e: #6aa5e6; --f: #b79be0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1240px; padding: 24px; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; line-height: 1.2; margin: 0; }
h2 { font-size: 17px; margin: 36px 0 12px; }
h2 .summary { margin-left: 6px; }
header { display: flex; flex-wrap: wrap; gap: 12px 24px; align-items: center; justify-content: space-between;
  margin-bottom: 20px; }
header p, .summary { color: var(--dim); font-size: 13px; font-weight: 400; margin: 0; }
nav { display: flex; flex-wrap: wrap; gap: 8px; }
nav div { display: flex; border: 1px solid var(--edge); border-radius: 8px; overflow: clip; background: var(--card); }
nav a { color: var(--dim); padding: 5px 12px; text-decoration: none; white-space: nowrap; }
nav div a + a { border-left: 1px solid var(--edge); }
nav a:hover { color: var(--text); background: var(--point); }
nav a[aria-current] { color: var(--card); background: var(--a); font-weight: 600; }
nav > a { border: 1px solid var(--edge); border-radius: 8px; background: var(--card); }
a { color: var(--e); }
:focus-visible { outline: 2px solid var(--e); outline-offset: 2px; }
nav div a:focus-visible { outline-offset: -3px; }
nav a[aria-current]:focus-visible { outline-color: var(--card); }
.cards { display: grid; gap: 12px; margin: 0; }
.saved { grid-template-columns: repeat(6, minmax(0, 1fr)); }
.keys { grid-template-columns: repeat(5, minmax(0, 1fr)); }
.cards div, figure, .none, .note, .wide { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; }
.cards div { padding: 12px 14px; overflow-wrap: break-word; }
dt { color: var(--dim); font-size: 13px; }
dd { margin: 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; }
.saved dd { color: var(--a); }
.saved div:nth-child(n + 5) dd { color: inherit; }
dd.nothing, .saved div dd.nothing:nth-of-type(1) { color: var(--dim); font-weight: 400; font-size: 16px; }
dd.small, .saved div dd.small { font-size: 12px; font-weight: 400; color: var(--dim); }
.charts { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 12px; margin-top: 12px; }
figure { margin: 0; padding: 14px 16px; }
figcaption { font-weight: 600; margin-bottom: 8px; display: flex; flex-wrap: wrap; gap: 0 12px;
  align-items: baseline; justify-content: space-between; }
figcaption .summary { font-variant-numeric: tabular-nums; }
figure .none { border: 0; padding: 24px 0; text-align: center; }
.none { color: var(--dim); padding: 16px; margin: 0; }
.note { padding: 10px 14px; border-color: var(--d); margin: 0 0 12px; }
.hint { border-color: var(--edge); color: var(--dim); }
.gone { position: sticky; top: 8px; z-index: 1; border-width: 2px; }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--dim); font-size: 11.5px; }
.scale, .end { text-anchor: end; }
.middle { text-anchor: middle; }
.grid { stroke: var(--edge); stroke-width: 1; }
.at { fill: transparent; }
.at:hover { fill: var(--point); }
rect.a, circle.a { fill: var(--a); } rect.b, circle.b { fill: var(--b); } rect.c, circle.c { fill: var(--c); }
rect.d, circle.d { fill: var(--d); } rect.e, circle.e { fill: var(--e); } rect.f { fill: var(--f); }
line.a { stroke: var(--a); } line.b { stroke: var(--b); } line.e { stroke: var(--e); }
line.a, line.b, line.e { stroke-width: 2; stroke-linecap: round; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 0; margin: 8px 0 0;
  font-size: 13px; }
.legend li::before { content: ""; display: inline-block; width: 10px; height: 10px; border-radius: 3px;
  margin-right: 6px; background: currentColor; }
.legend .a::before { color: var(--a); } .legend .b::before { color: var(--b); } .legend .c::before { color: var(--c); }
.legend .d::before { color: var(--d); } .legend .e::before { color: var(--e); } .legend .f::before { color: var(--f); }
.wide { overflow-x: auto; padding: 4px 16px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 7px 14px 7px 0; border-bottom: 1px solid var(--edge); vertical-align: top; }
tbody tr:last-child td { border-bottom: 0; }
th { color: var(--dim); font-weight: 500; font-size: 13px; white-space: nowrap; }
td { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.text { width: 60%; white-space: normal; overflow-wrap: anywhere; }
td:last-child, th:last-child { padding-right: 0; }
button { font: inherit; color: var(--text); background: var(--card); border: 1px solid var(--edge);
  border-radius: 6px; padding: 2px 12px; cursor: pointer; }
button:hover { border-color: currentColor; }
td > button { color: var(--d); }
button.final { color: var(--card); background: var(--d); border-color: var(--d); }
[popover] { max-width: min(480px, calc(100vw - 32px)); padding: 20px; white-space: normal; color: var(--text);
  background: var(--card); border: 1px solid var(--edge); border-radius: 12px; }
[popover]::backdrop { background: #0007; }
[popover] p { margin: 0 0 12px; }
[popover] bdi { display: block; margin-bottom: 12px; padding-left: 10px; border-left: 3px solid var(--edge);
  overflow-wrap: anywhere; }
[popover] form { display: flex; gap: 10px; justify-content: flex-end; }
footer { color: var(--dim); font-size: 13px; margin-top: 36px; }
@media (max-width: 1000px) { .saved { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
@media (max-width: 900px) {
  .keys { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  thead { display: none; }
  tr { display: block; padding: 10px 0; border-bottom: 1px solid var(--edge); }
  tr:last-child { border-bottom: 0; }
  td, td.text { display: flex; width: auto; justify-content: space-between; gap: 16px; padding: 2px 0;
    border-bottom: 0; }
  td.text { display: block; font-weight: 600; }
  td:not(.text, :last-child)::before, tr.plain td:last-child::before { content: attr(data-name); color: var(--dim);
    text-align: left; }
  td:has(button) { justify-content: flex-end; }
  tr.plain { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); column-gap: 24px; font-size: 13px; }
  tr.plain td { white-space: normal; gap: 8px; text-align: right; }
  tr.plain td:first-child { grid-column: 1 / -1; font-weight: 600; text-align: left; }
  tr.plain td:first-child::before { content: none; }
}
@media (max-width: 800px) { .charts { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 600px) {
  body { padding: 16px; }
  .saved { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .cards { gap: 8px; }
  svg text { font-size: 16px; }
  nav { width: 100%; }
  nav div { flex: 1 1 100%; }
  nav a { font-size: 13px; padding: 5px 4px; flex: 1 1 auto; text-align: center; }
}
"""
_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; script-src '{SCRIPT_DIGEST}'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The content security policy: this style sheet, this one script, our own forms and pages, and nothing else."""
