"""The gate on custom roles: what a role allows more, and where else it can be given."""

from __future__ import annotations

from typing import Any

import pytest
from change.test_change_gate import change, met
from purview_ai.change.preview import UNKNOWN, Action
from purview_ai.drift.azure_types import ROLE_DEFINITION

GROUP = "/subscriptions/s/resourceGroups/rg"


def rights(*actions: Any, without: tuple[Any, ...] = (), data: bool = False) -> dict[str, Any]:
    """One of a role's permissions."""
    if data:
        return {"dataActions": list(actions), "notDataActions": list(without)}
    return {"actions": list(actions), "notActions": list(without)}


def rules(field: str, was: Any, now: Any) -> set[str]:
    """What stops a change of a role."""
    return met(change(ROLE_DEFINITION, Action.CHANGE, (field, was, now)))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ([rights("a/read")], [rights("a/read", "a/*")]),
        ([rights("a/read")], [rights("a/write")]),
        ([rights("a/read")], [rights("a/read", data=True)]),
        ([rights("a/read")], [rights("a/read"), rights("b/read")]),
        ([rights("a/read", data=True)], [rights("a/read", "a/write", data=True)]),
        ([rights("a/*", without=("a/write",))], [rights("a/*")]),
        ([rights("a/*", without=("a/*/write",))], [rights("a/*", without=("a/b/write",))]),
        ([rights("a/*", without=("a/write",)), rights("b")], [rights("b", "a/*"), rights("b", without=("a/write",))]),
        ([rights("a/*/read")], [rights("a/*")]),
        (None, [rights("a/read")]),
        ([rights("a/read")], UNKNOWN),
        ([rights("a/read")], [UNKNOWN]),
        ([rights("a/read")], [{"actions": UNKNOWN}]),
        ([rights("a/read")], [rights("a/read", UNKNOWN)]),
        ([rights("a/*", without=("a/write",))], [rights("a/*", without=(UNKNOWN,))]),
    ],
)
def test_a_role_that_allows_more_needs_a_yes(was: Any, now: Any) -> None:
    # Some of them take something away as well.
    assert rules("permissions", was, now) - {"delete-grant"} == {"more-rights"}


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ([rights("a/read", "a/write")], [rights("a/read")]),
        ([rights("a/*")], [rights("A/b/read", "a/*/write")]),
        ([rights("a/*")], [rights("a/*", without=("a/write",))]),
        ([rights("a/*", without=("a/b/write",))], [rights("a/*", without=("a/*/write",))]),
        ([rights("a")], []),
    ],
)
def test_a_role_that_allows_less_needs_a_yes_too(was: Any, now: Any) -> None:
    assert rules("permissions", was, now) == {"delete-grant"}


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ([rights("a"), rights("b", data=True)], [{**rights("b", data=True), **rights("a")}]),
        ([{"actions": ["a"]}], [{"actions": ["a"], "notActions": None}]),
    ],
)
def test_a_role_that_allows_the_same_passes(was: Any, now: Any) -> None:
    assert rules("permissions", was, now) == set()


@pytest.mark.parametrize(
    ("was", "now", "stops"),
    [
        ([GROUP], [GROUP, "/subscriptions/t"], {"more-rights"}),
        ([GROUP], ["/subscriptions/s"], {"more-rights"}),
        ([GROUP], [f"{GROUP}-two"], {"more-rights"}),
        ([GROUP], UNKNOWN, {"more-rights"}),
        ([GROUP], [UNKNOWN], {"more-rights"}),
        (None, [GROUP], {"more-rights"}),
        ([GROUP, "/subscriptions/t"], [GROUP.upper()], set[str]()),
        (["/subscriptions/s"], [GROUP], set[str]()),
    ],
)
def test_a_role_that_can_be_given_in_more_places_needs_a_yes(was: Any, now: Any, stops: set[str]) -> None:
    assert rules("assignableScopes", was, now) == stops


def test_what_a_role_is_called_does_not_matter_and_a_new_role_gives_nobody_anything() -> None:
    assert rules("roleName", "old", "new") == set()
    assert met(change(ROLE_DEFINITION, Action.CREATE, ("permissions", None, [rights("*")]))) == set()
