"""The style sheet of the dashboard, light and dark."""

import base64
import hashlib
from typing import Final

STYLE: Final = """
:root { color-scheme: light dark;
  --back: #fbfaf8; --card: #ffffff; --text: #1f2328; --dim: #646b73; --edge: #dcdfe3;
  --a: #1f7a5c; --b: #9aa3ad; --c: #c9a227; --d: #b5452c; --e: #2f6db3; }
@media (prefers-color-scheme: dark) { :root {
  --back: #16181b; --card: #1e2125; --text: #e4e6e9; --dim: #9aa1a9; --edge: #33383e;
  --a: #46b38b; --b: #6b747e; --c: #d9b84a; --d: #dd6f55; --e: #6aa5e6; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 24px; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 22px; margin: 0; }
h2 { font-size: 17px; margin: 32px 0 12px; }
header { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: baseline; justify-content: space-between; }
nav a { color: var(--dim); margin-left: 14px; }
nav a[aria-current] { color: var(--text); font-weight: 600; text-decoration: none; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 12px; }
.cards div, figure, .none, .note { background: var(--card); border: 1px solid var(--edge); border-radius: 8px; }
.cards div { padding: 12px 14px; }
dt { color: var(--dim); font-size: 13px; }
dd { margin: 0; font-size: 21px; font-weight: 600; }
dd.nothing { color: var(--dim); font-weight: 400; font-size: 16px; }
dd.small { font-size: 12px; font-weight: 400; color: var(--dim); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 12px; }
figure { margin: 0; padding: 12px 14px; }
figcaption { font-weight: 600; margin-bottom: 6px; }
figure .none { border: 0; }
.none { color: var(--dim); padding: 14px; margin: 0; }
.note { padding: 10px 14px; border-color: var(--d); }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--dim); font-size: 12px; }
.scale, .end { text-anchor: end; }
.middle { text-anchor: middle; }
.grid { stroke: var(--edge); stroke-width: 1; }
rect.a, circle.a { fill: var(--a); } rect.b, circle.b { fill: var(--b); } rect.c, circle.c { fill: var(--c); }
rect.d, circle.d { fill: var(--d); } rect.e, circle.e { fill: var(--e); }
line.a { stroke: var(--a); } line.b { stroke: var(--b); } line.e { stroke: var(--e); }
line.a, line.b, line.e { stroke-width: 1.5; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 0; margin: 6px 0 0;
  font-size: 13px; }
.legend li::before { content: "\\25CF"; margin-right: 5px; }
.legend .a::before { color: var(--a); } .legend .b::before { color: var(--b); } .legend .c::before { color: var(--c); }
.legend .d::before { color: var(--d); } .legend .e::before { color: var(--e); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--edge); vertical-align: top; }
th { color: var(--dim); font-weight: 500; font-size: 13px; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.text { max-width: 520px; overflow-wrap: anywhere; }
summary { cursor: pointer; color: var(--dim); }
button { font: inherit; color: var(--d); background: none; border: 1px solid currentColor; border-radius: 6px;
  padding: 2px 10px; cursor: pointer; }
footer { color: var(--dim); font-size: 13px; margin-top: 32px; }
"""
_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The content security policy: this style sheet, our own forms, and nothing else: no script at all."""
