"""Lists that come page by page: to the end, and from the host that was asked alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from estates import estate_with
from purview_ai.calls.service import Service
from purview_ai.calls.speaking import remedy_for_silence
from purview_ai.governance.ediscovery.client import CASES
from purview_ai.objects.failures import UnreachableError
from purview_ai.resource_manager.client import AUTHORIZATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.inspection.estate import Estate


def of_azure(estate: Estate) -> list[Any]:
    return list(estate.arm.list("/somewhere", AUTHORIZATION))


def of_graph(estate: Estate) -> list[Any]:
    return list(estate.directory.held_by("somebody"))


def pages(monkeypatch: pytest.MonkeyPatch, following: str, first: Any = "one") -> list[str]:
    """Two pages for whoever asks, of which the first names the second; and what is asked for."""
    asked: list[str] = []
    answers: Iterator[dict[str, Any]] = iter(
        [{"value": [first], "nextLink": following, "@odata.nextLink": following}, {"value": ["two"]}]
    )

    def get(_: Service, url: str, **__: str) -> dict[str, Any]:
        asked.append(url)
        return next(answers)

    monkeypatch.setattr(Service, "get", get)
    return asked


HOSTS = {of_azure: "management.azure.com", of_graph: "graph.microsoft.com"}


@pytest.mark.parametrize("form", ["https://{host}/next", "https://{host}:443/next", "https://{capitals}/next"])
@pytest.mark.parametrize("read", HOSTS, ids=["azure", "graph"])
def test_the_next_page_is_read_however_its_host_is_written(
    read: Any, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    following = form.format(host=HOSTS[read], capitals=HOSTS[read].upper())
    asked = pages(monkeypatch, following)
    assert read(estate_with({"credential": None})) == ["one", "two"]
    assert asked[1:] == [following]


@pytest.mark.parametrize("read", HOSTS, ids=["azure", "graph"])
def test_no_other_host_is_asked_and_the_list_is_not_taken_for_whole(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = pages(monkeypatch, f"https://{HOSTS[read]}.example/next")
    with pytest.raises(UnreachableError, match="names a next page on another host") as raised:
        read(estate_with({"credential": None}))
    assert len(asked) == 1
    assert "docs/troubleshooting.md#another-host" in remedy_for_silence(raised.value), "the network is not to blame"


def test_a_case_is_looked_for_on_no_other_host(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = pages(monkeypatch, "https://graph.microsoft.com.example/next", {"displayName": "Another case"})
    with pytest.raises(UnreachableError, match="names a next page on another host"):
        estate_with({"credential": None}).ediscovery.named(CASES, "AI interactions")
    assert len(asked) == 1
