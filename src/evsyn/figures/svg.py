"""From a Matplotlib figure to a fragment of a page: text as text, ink as the page's, traces kept.

Artists say what they are through their ``gid``: ``trace:ID`` becomes ``<g data-trace="ID">``,
``class:NAME`` becomes ``<g class="NAME">``; every other id that nothing refers to is dropped, and
the rest are made unique to the figure.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
from collections.abc import Iterable
from xml.etree import ElementTree

from matplotlib.figure import Figure

from evsyn.figures.style import ACCENT, INK, PAPER, RULE, SIZE, SOFT, drawing
from evsyn.review.blocks import Block
from evsyn.tables.provenance import Trace

__all__ = ["as_svg", "figure_block"]

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_INKS = {
    INK: "currentColor",
    SOFT: f"var(--soft,{SOFT})",
    RULE: f"var(--rule,{RULE})",
    ACCENT: f"var(--mark,{ACCENT})",
    PAPER: f"var(--paper,{PAPER})",
    "#000000": "currentColor",
}
_TEXT = f"{{{_SVG}}}text"
_GROUP = f"{{{_SVG}}}g"
_DEFAULTS = frozenset({"fill: currentColor", "text-anchor: start", f"font-size: {SIZE:g}px"})
_ROOT = (
    "width:100%;min-width:{least:.0f}pt;max-width:{most:.0f}pt;height:auto;fill:currentColor;"
    "stroke-linejoin:round;stroke-linecap:butt;font-size:{size:g}px;font-family:var(--sans,"
    "system-ui,'Segoe UI',Roboto,'Liberation Sans','DejaVu Sans',sans-serif)"
)
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_DECIMALS = re.compile(r"-?\d+\.\d{3,}")
_FONT = re.compile(r"font: (?:(\w+) )?([\d.]+px) [^;]+")


def as_svg(figure: Figure, *, title: str, description: str) -> str:
    """Return a figure as inline SVG that is read out by its title and description.

    Parameters
    ----------
    figure : Figure
        The drawing; not changed.
    title : str
        Short name of the figure.
    description : str
        What it shows, for those who do not see it.

    Returns
    -------
    str
        The ``svg`` element without XML declaration: deterministic, no metadata, no font embedded,
        colours as ``currentColor`` and CSS variables with the light value as fallback.
    """
    target = io.BytesIO()
    metadata = {"Date": None, "Creator": None, "Type": None, "Format": None}
    with drawing():
        figure.savefig(target, format="svg", transparent=True, metadata=metadata)
    root = ElementTree.fromstring(target.getvalue())
    _drop(root, {"metadata", "style"})
    for node in root.iter():
        _recolour(node)
        _mark(node)
        _round(node)
    _flatten(root)
    key = hashlib.sha256(target.getvalue() + title.encode()).hexdigest()[:8]
    _keep_ids(root, f"f{key}")
    _head(root, title, description, f"f{key}")
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    return ElementTree.tostring(root, encoding="unicode")


def _drop(root: ElementTree.Element, names: set[str]) -> None:
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.rpartition("}")[2] in names:
                parent.remove(child)


def _flatten(parent: ElementTree.Element) -> None:
    """Put the content of groups that say nothing in their place; drop empty definitions."""
    kept: list[ElementTree.Element] = []
    for child in list(parent):
        _flatten(child)
        child.tail = None
        if child.tag == _GROUP and not set(child.attrib) - {"id"}:
            kept.extend(child)
        elif len(child) or not child.tag.endswith("}defs"):
            kept.append(child)
    if len(parent):
        parent.text = None
    parent[:] = kept


def _recolour(node: ElementTree.Element) -> None:
    style = node.get("style")
    if style is None:
        return
    for ink, variable in _INKS.items():
        style = style.replace(ink, variable)
    style = _FONT.sub(_font, style)
    node.set("style", style)
    if node.tag == _TEXT:
        words = [part.strip() for part in style.split(";")]
        node.set("style", ";".join(part for part in words if part not in _DEFAULTS))
        node.attrib.pop("transform", None)


def _font(found: re.Match[str]) -> str:
    weight = f"font-weight: {found[1]}; " if found[1] else ""
    return f"{weight}font-size: {found[2]}"


def _mark(node: ElementTree.Element) -> None:
    name = node.get("id", "")
    kind, _, value = name.partition(":")
    if kind == "trace":
        node.set("data-trace", value.partition("#")[0])
        del node.attrib["id"]
    elif kind == "class":
        node.set("class", value.partition("#")[0])
        del node.attrib["id"]


def _round(node: ElementTree.Element) -> None:
    """Shorten coordinates to hundredths of a point."""
    for name in ("d", "x", "y", "width", "height", "transform", "viewBox"):
        value = node.get(name)
        if value is not None:
            node.set(name, _DECIMALS.sub(lambda hit: f"{float(hit[0]):.2f}", value))
    shape = node.get("d")
    if shape is not None:
        node.set("d", " ".join(shape.split()))


def _keep_ids(root: ElementTree.Element, prefix: str) -> None:
    """Make ids short and unique to the page; drop those nothing refers to."""
    used: dict[str, str] = {}
    for node in root.iter():
        for name, value in node.attrib.items():
            wanted = _REFERENCE.findall(value)
            if name.endswith("href") and value.startswith("#"):
                wanted.append(value[1:])
            for target in wanted:
                used.setdefault(target, f"{prefix}-{len(used) + 1}")
    for node in root.iter():
        old = node.attrib.pop("id", None)
        if old in used:
            node.set("id", used[old])
        for name, value in list(node.attrib.items()):
            if name.endswith("href") and value.startswith("#"):
                node.set(name, f"#{used[value[1:]]}")
            elif "url(#" in value:
                node.set(name, _REFERENCE.sub(lambda hit: f"url(#{used[hit[1]]})", value))


def _head(root: ElementTree.Element, title: str, description: str, prefix: str) -> None:
    width = float(root.attrib.pop("width").removesuffix("pt"))
    height = float(root.attrib.pop("height").removesuffix("pt"))
    root.attrib.pop("version", None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{prefix}-title {prefix}-desc")
    root.set("width", f"{width:.0f}pt")
    root.set("height", f"{height:.0f}pt")
    root.set("style", _ROOT.format(least=width, most=1.25 * width, size=SIZE))
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        node = ElementTree.Element(f"{{{_SVG}}}{tag}", {"id": f"{prefix}-{tag}"})
        node.text = text
        root.insert(place, node)


def figure_block(
    svg: str, *, title: str, caption: str, traces: Iterable[Trace], plain: str = ""
) -> Block:
    """Return inline SVG as a block: a box that scrolls sideways rather than shrinks, a caption.

    Parameters
    ----------
    svg : str
        Output of :func:`as_svg`, one drawing or several.
    title, caption : str
        Title and explanation below the figure.
    traces : iterable of Trace
        Traces of the numbers in the figure.
    plain : str
        Text alternative; without it title and caption.

    Returns
    -------
    Block
        Slot ``wide``.
    """
    label = html.escape(title)
    fragment = (
        f'<figure class="plot"><div class="scroll" tabindex="0" role="region" aria-label="{label}">'
        f"{svg}</div><figcaption><b>{label}.</b> {html.escape(caption)}</figcaption></figure>"
    )
    kept = tuple({trace.trace_id: trace for trace in traces}.values())
    return Block(fragment, plain or f"{title}. {caption}", kept, slot="wide")
