"""The pages of the dashboard, as HTML; all that came from outside is escaped."""

import re
import time
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

import msgspec

from optafly.core.dashboard_data import LATEST, MOST_KEPT, SPANS, Counted, Kept
from optafly.core.dashboard_figures import charts, key_cards, saved_cards
from optafly.core.dashboard_script import SCRIPT
from optafly.core.dashboard_sessions import Session
from optafly.core.dashboard_style import STYLE
from optafly.core.wire_decide import EntryRow
from optafly.stats.events import Refined
from optafly.stats.words import milliseconds

_SHOWN: Final = 160
_NAMED: Final = 60
# What makes text read in another order than it is written, or is no letter at all.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_AGAIN: Final = "Run optafly dashboard to open it anew."
_CLOSED: Final = f"This page is closed: others were opened since, or it was open for long enough. {_AGAIN}"
_NOTHING_YET: Final = (
    "Nothing was counted in this time. Refine a request in your editor or with optafly refine, or send one through the"
    " proxy, and load this page again."
)


class _Cell(msgspec.Struct, frozen=True):
    """A cell of a table: HTML, and its class in the style sheet."""

    html: str
    style: str = ""


def dashboard_page(session: Session, counted: Counted, kept: Kept, now: float) -> str:
    """The dashboard."""
    span = SPANS[counted.span]
    times = [time.strftime(span.form, time.localtime(point.at)) for point in counted.points]
    at = time.strftime("%H:%M", time.localtime(now))
    stopped = f"The core has stopped. What you see is as it was at {at}. {_AGAIN}"
    body = [
        _header(counted.span, f"The last {span.words}, as of {at}"),
        f'<p id="gone" class="note gone" role="alert" hidden data-stopped="{escape(stopped)}"'
        f' data-closed="{escape(_CLOSED)}"></p><main>',
        _note(counted.trouble) or (_note(_NOTHING_YET, " hint") if _is_empty(counted) else ""),
        saved_cards(counted.report),
        "<h2>Over time</h2>",
        charts(counted.report, counted.points, times),
        "<h2>Key figures</h2>",
        key_cards(counted.report),
        _heading("Latest refinements", f"the last {LATEST}" if len(counted.latest) == LATEST else ""),
        _refinements(counted.latest),
        _heading("Kept answers", f"the {MOST_KEPT} used last" if len(kept.rows) == MOST_KEPT else "", "kept"),
        _note(kept.trouble) or _entries(kept.rows, session, counted.span),
        "</main><footer>Counted on this machine alone, without a word of any text; requests are shown where their"
        " answers are kept. Figures are explained in docs/metrics.md.</footer>",
        f"<script>{SCRIPT}</script>",
    ]
    return _document("OptaFly", "".join(body))


def opening_page(path: str) -> str:
    """What leads on to the dashboard: a step of the same site, so that the browser takes its new cookie along."""
    place = escape(path)
    lead = f'<meta http-equiv="refresh" content="0;url={place}">'
    return _document("OptaFly", f'<h1>OptaFly</h1><p>Opening <a href="{place}">the dashboard</a>.</p>', lead)


def message_page(text: str, back: str = "") -> str:
    """A page that says one thing; ``back`` is where the dashboard is, for who may see it."""
    link = f'<p><a href="{escape(back)}">Back to the dashboard</a></p>' if back else ""
    return _document("OptaFly", f"<header><h1>OptaFly</h1></header>{_note(text, ' hint')}{link}")


def _document(title: str, body: str, head: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{head}<style>{STYLE}</style></head>'
        f"<body>{body}</body></html>"
    )


def _header(shown: str, words: str) -> str:
    links = "".join(
        f'<a href="?span={name}"{" aria-current=page" if name == shown else ""}>{escape(span.words)}</a>'
        for name, span in SPANS.items()
    )
    return (
        f"<header><div><h1>OptaFly</h1><p>{escape(words)}</p></div>"
        f'<nav aria-label="Time shown"><div>{links}</div><a href="?span={shown}">Refresh</a></nav></header>'
    )


def _heading(title: str, more: str, name: str = "") -> str:
    mark = f' id="{name}"' if name else ""
    return f"<h2{mark}>{escape(title)}{f' <span class=summary>{escape(more)}</span>' if more else ''}</h2>"


def _is_empty(counted: Counted) -> bool:
    report = counted.report
    return not (report.refinements.count or report.latency or any(report.approvals.decisions.values()))


def _note(text: str, style: str = "") -> str:
    return f'<p class="note{style}">{escape(_plain(text))}</p>' if text else ""


def _refinements(latest: Sequence[Refined]) -> str:
    rows = (
        (
            _time(item.at),
            item.outcome,
            f"{item.quality_before} → {item.quality_after}",
            f"{item.tokens_before} → {item.tokens_after}",
            milliseconds(item.took_ms),
            "yes" if item.worded else "no",
            str(item.questions),
        )
        for item in latest
    )
    heads = ("when", "outcome", "quality", "tokens", "time", "worded by the model", "open questions")
    return _table(heads, ([_Cell(escape(words)) for words in row] for row in rows), "nothing was refined", "plain")


def _entries(entries: Sequence[EntryRow], session: Session, span: str) -> str:
    rows = (
        [
            _Cell(f"<bdi>{escape(_short(entry.prompt))}</bdi>", "text"),
            _Cell(escape(_short(entry.model))),
            _Cell(_time(entry.created)),
            _Cell(_time(entry.expires)),
            _Cell(str(entry.hits)),
            _Cell(_forget(entry, session, span)),
        ]
        for entry in entries
    )
    heads = ("request", "model", "kept since", "until", "given again", "")
    return _table(heads, rows, "no answer is kept")


def _forget(entry: EntryRow, session: Session, span: str) -> str:
    """A button, and the question that it opens: what is forgotten cannot be brought back."""
    name, fields = f"forget-{entry.id}", {"form": session.form, "id": entry.id, "span": span}
    hidden = "".join(f'<input type="hidden" name="{key}" value="{escape(value)}">' for key, value in fields.items())
    label = escape(f"Forget the answer to: {_short(entry.prompt, _NAMED)}")
    return (
        f'<button popovertarget="{escape(name)}" aria-label="{label}">Forget</button>'
        f'<div popover id="{escape(name)}" role="dialog" aria-label="Forget this answer?">'
        f"<p><strong>Forget this answer?</strong></p><bdi>{escape(_short(entry.prompt))}</bdi>"
        "<p>It is removed from the disk and cannot be brought back; the next such request goes to Claude.</p>"
        f'<form method="post" action="forget">{hidden}<button type="button" autofocus popovertarget="{escape(name)}"'
        ' popovertargetaction="hide">Keep it</button><button class="final">Forget it</button></form></div>'
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[_Cell]], otherwise: str, style: str = "") -> str:
    kind = f' class="{style}"' if style else ""
    made = "".join(
        f"<tr{kind}>"
        + "".join(
            f'<td data-name="{escape(head)}"{f" class={cell.style}" if cell.style else ""}>{cell.html}</td>'
            for head, cell in zip(heads, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    if not made:
        return f'<p class="none">{escape(otherwise)}</p>'
    head = "".join(f"<th>{escape(name)}</th>" if name else "<td></td>" for name in heads)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{made}</tbody></table></div>'


def _time(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _short(text: str, most: int = _SHOWN) -> str:
    text = _plain(" ".join(text.split()))
    return text if len(text) <= most else text[: most - 1] + "…"


def _plain(text: str) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
