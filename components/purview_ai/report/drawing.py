"""Draws a chart as inline SVG: pygal places everything, and the page's style sheet colours it.

What pygal adds for pages of its own (scripts, styles, tooltips, the day) is left out, so that a page needs none of it
and the same contents give the same bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

LABEL = 12
"""So many letters fit before an axis: with room for all of them on each chart, the days of all charts stand in line."""
_SPACE = "\u2007"
_LETTER_PX = 11
_TOLD = ("x", "y", "width", "height", "d", "transform", "class", "viewBox")
_DRAWN = ("g", "path", "circle", "rect", "text")
_SHAPES = {
    "dot": "M{x} {y}m-{r} 0a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0z",
    "ring": "M{x} {y}m-{r} 0a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0z",
    "diamond": "M{x} {y}m0 -{r}l{r} {r}l-{r} {r}l-{r} -{r}z",
    "cross": "M{x} {y}m-{r} -{r}l{d} {d}m-{d} 0l{d} -{d}",
}


@dataclass(frozen=True)
class Series:
    """Points of one kind, and how they look."""

    look: str
    """The class that the style sheet knows."""
    points: tuple[tuple[float, float | None], ...]
    """In order; a None interrupts the line."""
    shape: str = "dot"
    line: bool = False
    radius: float = 3.5


@dataclass(frozen=True)
class Plot:
    """All that is drawn, in the places of its axes."""

    series: tuple[Series, ...]
    across: tuple[float, float]
    across_ticks: tuple[tuple[float, str], ...]
    up: tuple[float, float]
    up_ticks: tuple[tuple[float, str], ...]


def drawn(plot: Plot, width: int, height: int) -> Markup:
    """The plot in so many pixels, as an image without a name: what is around it names it."""
    import pygal  # pyright: ignore[reportMissingTypeStubs]

    chart: Any = pygal.XY(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        width=width,
        height=height,
        margin=6,
        margin_right=36,
        spacing=4,
        style=_style(),
        no_prefix=True,
        disable_xml_declaration=True,
        show_legend=False,
        xrange=plot.across,
        range=plot.up,
        x_labels=[{"value": place, "label": text} for place, text in plot.across_ticks],
        y_labels=[{"value": place, "label": text.rjust(LABEL, _SPACE)} for place, text in plot.up_ticks],
        truncate_label=-1,
        allow_interruptions=True,
    )
    for number, series in enumerate(plot.series):
        chart.add(f"series {number}", list(series.points), stroke=series.line, dots_size=series.radius)
    chart.add_xml_filter(partial(_bare, plot))
    return Markup(chart.render(is_unicode=True))  # noqa: S704  # pygal's own SVG, whose texts are escaped by ElementTree


def _style() -> Any:
    from pygal.style import Style  # pyright: ignore[reportMissingTypeStubs]

    made: Any = Style(label_font_size=_LETTER_PX, major_label_font_size=_LETTER_PX, title_font_size=_LETTER_PX)
    return made


def _bare(plot: Plot, root: ET.Element) -> ET.Element:
    """Without what the page has no use for; with the looks and shapes of the series."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag not in _DRAWN or "tooltip-overlay" in child.get("class", ""):
                parent.remove(child)
    for group in root.iter("g"):
        if found := re.search(r"serie-(\d+)", group.get("class", "")):
            _dress(group, plot.series[int(found[1])])
    for element in root.iter():
        _tidy(element)
    root.set("aria-hidden", "true")
    return root


def _dress(group: ET.Element, series: Series) -> None:
    group.set("class", f"series {series.look}")
    for circle in group.iter("circle"):
        x, y, r = (float(circle.get(name, "0")) for name in ("cx", "cy", "r"))
        circle.tag = "path"
        circle.set("d", _SHAPES[series.shape].format(x=x, y=y, r=r, d=2 * r))
        circle.set("class", f"mark {series.shape}")


def _tidy(element: ET.Element) -> None:
    for name in list(element.attrib):
        if name not in _TOLD or not element.attrib[name]:
            del element.attrib[name]
        elif name != "class":
            element.set(name, re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.1f}", element.attrib[name]))
