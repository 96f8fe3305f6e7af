"""The pages of the project, with the commands that they show."""

from __future__ import annotations

import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
_FENCED = re.compile(r"^ *```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_PROGRAMS = ("make", "pulumi", "purview-ai", "uv run", "cp", "eval")


def fenced(text: str, language: str = "") -> list[str]:
    """The blocks of a language in a text, in order; those without any are commands and what they say."""
    return [match["text"] for match in _FENCED.finditer(text) if match["language"] == language]


def commands_of(page: str) -> list[str]:
    """The blocks of commands of a page, in order."""
    found = fenced((CHECKOUT / page).read_text())
    blocks = ["\n".join(line.strip() for line in block.splitlines()) for block in found]
    return [block for block in blocks if block.startswith(_PROGRAMS)]


def settings_of(page: str) -> list[str]:
    """The pieces of stack files that a page shows."""
    return fenced((CHECKOUT / page).read_text(), "yaml")


def anchors_of(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
