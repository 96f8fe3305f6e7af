"""A case of eDiscovery in a stack file: which queries its searches have, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from purview_ai.apps.catalogue import app_named
from purview_ai.settings.ediscovery import SearchSettings
from purview_ai.settings.reading import read
from purview_ai.settings.whole_tenant import whole_tenant
from settings_blocks import block

CONNECTOR = "IPM.SkypeTeams.Message.ConnectedAIApp.Connector."
CHANNELS = "governance.ediscovery.searches.one.channels"
BROWSER = "IPM.SkypeTeams.Message.CloudAIApp.SaaS."


def search(**more: Any) -> SearchSettings:
    return SearchSettings.model_validate({"app": "chatgpt-enterprise", **more})


def mistakes(**more: Any) -> list[str]:
    """What is wrong with a tenant that has one search."""
    wanted = {"app": "chatgpt-enterprise", **more}
    ediscovery = {"case": {"name": "AI interactions"}, "searches": {"one": wanted}}
    return [f"{m.path}: {m.reason}" for m in read(block(governance={"ediscovery": ediscovery})).mistakes]


def test_both_ways_to_read_the_article_are_searched_for_at_once() -> None:
    assert search().kql == f'(ItemClass:"{CONNECTOR}<ChatGPTEnterprise>" OR ItemClass:"{CONNECTOR}ChatGPTEnterprise")'
    assert search(forms=["bracketless"]).kql == f'(ItemClass:"{CONNECTOR}ChatGPTEnterprise")'
    assert search().warnings() == []


def test_a_browsers_class_takes_an_id_that_the_stack_file_names() -> None:
    both = search(channels=["connector", "browser"], browser_app_id="4711", forms=["literal"])
    assert both.kql == f'(ItemClass:"{CONNECTOR}<ChatGPTEnterprise>" OR ItemClass:"{BROWSER}<4711>")'
    assert search(channels=["browser"], forms=["wildcard"]).kql == f"(ItemClass:{BROWSER}*)"
    assert mistakes(channels=["browser"]) == [
        f"{CHANNELS}: browser needs browser_app_id, which nobody has published; or the form wildcard alone"
    ]
    assert len(mistakes(channels=["browser"], browser_app_id='" OR "')) == 1


def test_a_wildcard_says_what_else_it_collects() -> None:
    [told] = search(forms=["wildcard"]).warnings()
    assert "collects more" in told
    assert "every app that a connector takes in" in told
    assert len(search(channels=["connector", "browser"], forms=["wildcard"]).warnings()) == 2


def test_a_wildcard_in_a_query_of_ones_own_is_warned_of_too() -> None:
    [told] = search(query=f"ItemClass:{CONNECTOR}* AND Date>=2026-01-01").warnings()
    assert told.startswith("query: its * takes in whatever begins alike")
    [in_quotes] = search(query=f'ItemClass:"{CONNECTOR}*"').warnings()
    assert in_quotes == told, "at the end of a phrase it is one too"
    assert search(query=f'ItemClass:"{CONNECTOR}One"').warnings() == []


@pytest.mark.parametrize(
    "more",
    [
        {"since": "2026-01-01"},
        {"until": "2026-01-31"},
        {"channels": ["browser"]},
        {"forms": ["wildcard"]},
        {"browser_app_id": "4711"},
    ],
)
def test_what_a_query_of_ones_own_would_leave_out_is_refused(more: dict[str, Any]) -> None:
    [told] = mistakes(query="ItemClass:One", **more)
    assert f"query is searched for as it stands, so {next(iter(more))} would do nothing" in told


def test_a_search_looks_nowhere_or_somewhere() -> None:
    assert mistakes(scopes=["none"]) == []
    assert mistakes(scopes=["none", "allTenantMailboxes"]) == [
        "governance.ediscovery.searches.one.scopes: none is no place beside others"
    ]


@pytest.mark.parametrize("name", [" ", "AI ", "5F0C9F0E-7d0e-4f0b-8f57-3a9a4f4a0b02"])
def test_a_case_has_a_name_that_is_none_of_graphs_ids(name: str) -> None:
    [told] = read(block(governance={"ediscovery": {"case": {"name": name}}})).mistakes
    assert told.path == "governance.ediscovery.case.name"


def test_days_are_part_of_the_query() -> None:
    assert search(forms=["wildcard"], since="2026-01-01", until="2026-06-30").kql == (
        f"(ItemClass:{CONNECTOR}*) AND Date>=2026-01-01 AND Date<=2026-06-30"
    )
    assert mistakes(since="2026-02-01", until="2026-01-01") == [
        "governance.ediscovery.searches.one.until: it is before since"
    ]


def test_an_app_without_a_documented_class_needs_a_query_of_ones_own() -> None:
    assert app_named("claude-enterprise").item_classes == {}
    [told] = mistakes(app="claude-enterprise")
    assert "is not documented" in told
    assert mistakes(app="claude-enterprise", query="ItemClass:IPM.Something*") == []
    assert search(app="claude-enterprise", query="ItemClass:IPM.Something*").kql == "ItemClass:IPM.Something*"
    assert mistakes(app=None) == ["governance.ediscovery.searches.one.query: it is missing"]


def test_a_channel_that_is_not_there_is_refused() -> None:
    assert mistakes(channels=["phone"]) == [
        f"{CHANNELS}: there is no channel phone of ChatGPT Enterprise; known are connector, browser"
    ]


def test_deleting_a_case_with_its_stack_is_warned_of() -> None:
    ediscovery = {"case": {"name": "AI interactions"}, "keep_on_destroy": False}
    settings = read(block(governance={"ediscovery": ediscovery})).settings
    assert settings is not None
    assert any("governance.ediscovery.keep_on_destroy" in told for told in settings.warnings())


def released(*names: str, **more: Any) -> list[str]:
    """What is wrong with a case of one search that releases these, each with what to do."""
    case = {"name": "AI interactions"}
    ediscovery = {"case": case, "searches": {"one": {"app": "chatgpt-enterprise"}}, "release": list(names), **more}
    return [f"{m.path}: {m.reason}" for m in read(block(governance={"ediscovery": ediscovery})).mistakes]


def test_a_released_case_is_warned_of() -> None:
    ediscovery = {"case": {"name": "AI interactions"}, "release": ["AI interactions"]}
    settings = read(block(governance={"ediscovery": ediscovery})).settings
    assert settings is not None
    [told] = [told for told in settings.warnings() if "governance.ediscovery.release" in told]
    assert 'case "AI interactions" is deleted' in told


def test_what_a_case_releases_is_one_thing_of_its_own() -> None:
    assert released("AI interactions", "one") == []
    [told] = released("ai-interactions")
    assert "neither the case nor a search is called ai-interactions; known are AI interactions, one" in told
    [told] = released("one", case={"name": "one"})
    assert "the case and a search are both called one" in told


def test_the_tenants_release_reaches_no_case() -> None:
    ediscovery = {"case": {"name": "AI interactions"}, "searches": {"one": {"app": "chatgpt-enterprise"}}}
    reading = read(block(governance={"ediscovery": ediscovery}, release=["AI interactions", "one"]))
    assert reading.settings is not None
    assert [(m.path, m.fix) for m in whole_tenant("contoso", reading.settings, reading)] == [
        ("release", "to release it from the case: governance.ediscovery.release")
    ] * 2
