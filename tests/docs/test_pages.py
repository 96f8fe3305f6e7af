"""What the pages and messages point to exists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from docs.pages import CHECKOUT, PAGES, anchors_of, settings_of
from purview_ai.settings.source import SourceSettings
from purview_ai.settings.tenant import TenantSettings
from purview_ai.settings.vault import VaultSettings

if TYPE_CHECKING:
    from pathlib import Path

CODE = [
    file
    for folder in ("components", "policy", "sandbox", "stacks", "tests")
    for file in (CHECKOUT / folder).rglob("*")
    if file.suffix in (".py", ".toml", ".yaml", ".go") and "__pycache__" not in file.parts
]
FACTS = CHECKOUT / "docs" / "facts.md"
_CITED = re.compile(r"facts\.md(?:\]\([^)]*\))?, ((?:[a-z]+ \d[\d.]*(?:,? and )?)+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_page_that_a_message_names_has_that_section() -> None:
    named = {
        (page, anchor) for file in CODE for page, anchor in re.findall(r"(docs/[\w-]+\.md)#([\w-]+)", file.read_text())
    }
    remedies = (CHECKOUT / "components/purview_ai/datamap/remedies.py").read_text()
    named |= {("docs/troubleshooting.md", anchor) for anchor in re.findall(r'^ +"([a-z-]+)",$', remedies, re.MULTILINE)}
    assert len(named) > 10
    missing = {f"{page}#{anchor}" for page, anchor in named if anchor not in anchors_of(CHECKOUT / page)}
    assert missing == set()


WITH_SETTINGS = (
    "docs/apps.md",
    "docs/bootstrap.md",
    "docs/connector-profile.md",
    "docs/first-run.md",
    "docs/fleets.md",
    "docs/governance.md",
    "docs/living-with-a-tenant.md",
)
SHOWN = [(page, text) for page in WITH_SETTINGS for text in settings_of(page)]


@pytest.mark.parametrize(("page", "text"), SHOWN)
def test_every_piece_of_a_stack_file_that_a_page_shows_is_right(page: str, text: str) -> None:
    del page
    file = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.sandbox.yaml").read_text())
    block: dict[str, Any] = file["config"]["purview-ai:tenant"]
    piece: dict[str, Any] = yaml.safe_load(text)
    for owner, model in (
        (block, TenantSettings),
        (block["sources"]["chatgpt"], SourceSettings),
        (block["vault"], VaultSettings),
    ):
        if piece.keys() <= model.model_fields.keys():
            for name, value in piece.items():
                inner = owner.get(name)
                # A block that is whole by itself stands for itself, and any other one is a part.
                if isinstance(inner, dict) and isinstance(value, dict) and not value.keys() & {"existing", "account"}:
                    owner[name] = {**inner, **value}
                else:
                    owner[name] = value
            break
    else:
        pytest.fail(f"nothing takes {sorted(piece)}")
    TenantSettings.model_validate(block)


def test_every_fact_that_is_cited_is_there() -> None:
    parts = re.split(r"^## (\w+)$", FACTS.read_text(), flags=re.MULTILINE)
    facts = dict(zip(parts[1::2], parts[2::2], strict=True))
    cited = {
        (part, number.rstrip("."))
        for file in [*CODE, *PAGES]
        for found in _CITED.findall(file.read_text())
        for part, number in re.findall(r"([a-z]+) (\d[\d.]*)", found)
    }
    assert len(cited) > 10
    missing = {
        f"{part} {number}"
        for part, number in cited
        if not re.search(rf"(?<![\d.]){re.escape(number)}(?![\d])", facts.get(part, ""))
    }
    assert missing == set()
