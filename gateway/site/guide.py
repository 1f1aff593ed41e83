"""The guide for client developers: guide.yaml and the route table as one page."""

import re
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import yaml

from gateway.site.routes import Route, read_routes

_HERE = Path(__file__).parent
# In the texts: `code`, **bold** and [a link](address), and no other markup.
_MARKUP = (
    (re.compile(r"`([^`]+)`"), r'<code dir="ltr">\1</code>'),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\[([^\]]+)\]\(([^)]+)\)"), r'<a href="\2">\1</a>'),
)
_PARAMETER = re.compile(r"\{(\w+)\}")

Texts = dict[str, str]


def read_guide() -> dict[str, Any]:
    """Return the texts and commands of guide.yaml."""
    text = (_HERE / "guide.yaml").read_text("utf-8")
    guide: dict[str, Any] = yaml.load(text, yaml.CSafeLoader)
    return guide


def guide_page() -> str:
    """Write the page."""
    guide = read_guide()
    page = Template((_HERE / "guide.html").read_text("utf-8"))
    return page.substitute(
        title=_both(guide["title"], "h1"),
        intro="\n".join(_both(texts) for texts in guide["intro"]),
        steps="\n".join(_step(step) for step in guide["steps"]),
        notes="\n".join(_both(texts) for texts in guide["notes"]),
        table_intro=_both(guide["table"]),
        rows="\n".join(_row(route) for route in read_routes()),
    )


def _both(texts: Texts, tag: str = "p") -> str:
    """Write a text in English and in Persian, side by side."""
    return (
        f'<div class="both"><{tag} lang="en">{_marked_up(texts["en"])}</{tag}>'
        f'<{tag} lang="fa" dir="rtl">{_marked_up(texts["fa"])}</{tag}></div>'
    )


def _marked_up(text: str) -> str:
    html = escape(text, quote=False)
    for pattern, replacement in _MARKUP:
        html = pattern.sub(replacement, html)
    return html


def _step(step: Texts) -> str:
    command = escape(step["run"].rstrip(), quote=False)
    return f'<li>{_both(step)}<pre dir="ltr">{command}</pre></li>'


def _row(route: Route) -> str:
    cells = (f"{route['method']} /api/v1{route['path']}", rest_call(route) or "–")
    return "<tr>" + "".join(f"<td><code>{escape(c)}</code></td>" for c in cells)


def rest_call(route: Route) -> str | None:
    """Say which call of /rest/v1 a route is; None when the sidecar answers it."""
    if "to" in route:
        return None
    if function := route.get("rpc") or route.get("search"):
        return f"POST /rest/v1/rpc/{function}"
    if "list" in route:
        return f"GET /rest/v1/{route['list']}"
    filters = [f"{name}=eq.{{{name}}}" for name in _PARAMETER.findall(route["path"])]
    return "?".join([f"GET /rest/v1/{route['one']}", *filters])
