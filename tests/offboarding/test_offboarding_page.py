"""docs/offboarding.md shows what the command says, and the data behind it is whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from docs.pages import CHECKOUT, PAGES
from hypothesis import given
from hypothesis import strategies as st
from operate.command_line import said
from purview_ai.clouds import CLOUDS, PUBLIC
from purview_ai.datamap.kinds import CREDENTIAL, DATA_SOURCE, SCAN
from purview_ai.drift import azure, entra, own
from purview_ai.drift.azure_types import TYPES
from purview_ai.drift.checkpoint import Recorded
from purview_ai.dynamic.families import KIND, families
from purview_ai.offboarding.beside import BESIDE, as_markdown, items_beside
from purview_ai.offboarding.item import Mark
from purview_ai.offboarding.judging import items_of
from purview_ai.offboarding.kinds import OTHERS, OWN
from purview_ai.settings.files import Project
from purview_ai.settings.tenant import TenantSettings

if TYPE_CHECKING:
    from people import Person
    from tenants import Tenant

PAGE = CHECKOUT / "docs" / "offboarding.md"


def sections(text: str) -> dict[str, list[str]]:
    """The lines below each line that stands at the margin."""
    found: dict[str, list[str]] = {}
    for line in text.rstrip("\n").splitlines():
        if line.startswith(" "):
            found[next(reversed(found))].append(line)
        else:
            found[line] = []
    return found


def shows(block: str, told: str) -> None:
    """Whether all that a block shows was told, under the same headings and in its order; three dots are any text."""
    shown, said_ = sections(block), sections(told)
    assert list(shown) == list(said_), told
    for heading, lines in shown.items():
        left = iter(said_[heading])
        for line in lines:
            pattern = ".*".join(re.escape(part) for part in line.split("…"))
            assert any(re.fullmatch(pattern, one) for one in left), (line, told)


@given(st.permutations([SCAN.name, CREDENTIAL.name, DATA_SOURCE.name]), st.permutations(["b", "a", "C"]))
def test_the_order_of_a_state_is_nobodys(kinds: list[str], names: list[str]) -> None:
    recorded = [
        Recorded(
            name, f"{own.TYPES}/x:{kind}", f"/{kind}/{name}", {}, {KIND: kind, "name": name}, urn=f"{kind}::{name}"
        )
        for kind in kinds
        for name in names
    ]
    told = [f"{item.kind} {item.name}".lower() for item in items_of(recorded, CLOUDS[PUBLIC])]
    assert len(told) == 9
    assert told == sorted(told)


def test_the_page_shows_what_the_command_says_before_and_after(deployed: tuple[Tenant, Person]) -> None:
    before, after = re.findall(r"```text\n(.*?)```", PAGE.read_text(), re.DOTALL)
    tenant, _ = deployed
    told = said(tenant, "offboard")
    assert told.code == 0
    shows(before, told.out)
    tenant.destroy().must_succeed()
    shows(after, said(tenant, "offboard").out)


def test_the_page_has_the_table_of_the_data() -> None:
    assert as_markdown() in PAGE.read_text()


OF_BOOTSTRAP = re.compile(r"azure-native:(storage:|managedidentity:|keyvault:Key$|authorization:RoleDefinition$)")
"""Types of the program bootstrap alone, whose removal is in docs/bootstrap.md."""


def test_every_kind_that_a_stack_makes_is_known() -> None:
    assert set(OWN) == {name for family in families() for name in family.kinds}
    directory = {type_ for type_ in OTHERS if type_.startswith(entra.PREFIX)}
    of_tenants = {one for one in TYPES if not OF_BOOTSTRAP.match(one)}
    assert {one for one in OTHERS if one.startswith(azure.PREFIX)} == {*of_tenants, azure.ACCESS_POLICY}
    assert directory == set(entra.TYPES)


def test_a_way_that_is_called_documented_says_where() -> None:
    ways = [way for kind in (*OWN.values(), *OTHERS.values()) for way in kind.by_hand]
    ways += [way for one in BESIDE for way in one.ways]
    assert len(ways) > 30
    assert [way for way in ways if way.mark is Mark.DOCUMENTED and not way.source] == []
    theirs = ("https://learn.microsoft.com", "https://www.pulumi.com", "https://docs.github.com")
    own = {way.source for way in ways if not way.source.startswith(theirs)}
    pages = {page.relative_to(CHECKOUT).as_posix() for page in PAGES}
    assert {re.split(r"[#,]", source)[0] for source in own if source} <= pages


@pytest.mark.parametrize(("tags", "identity"), [({}, "contoso"), ({"Identity": "fleet"}, "fleet")])
def test_what_lets_pipelines_in_is_named_as_they_name_it(tags: dict[str, str], identity: str) -> None:
    block = Project(CHECKOUT).config_of("sandbox")["purview-ai:tenant"] | {"tags": tags}
    items = items_beside("contoso", TenantSettings.model_validate(block), "file://")
    [pipelines] = [one for one in items if one.kind == "pipelines"]
    assert f"as {identity}:" in pipelines.name
