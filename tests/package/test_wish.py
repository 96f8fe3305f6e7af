"""Wishes and their places on the wire."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from purview_ai.clouds import CLOUDS
from purview_ai.datamap.client import DataMaps
from purview_ai.datamap.kinds import CREDENTIAL, DATA_SOURCE, KEY_VAULT_CONNECTION, KINDS, SCAN
from purview_ai.objects.lifecycle import UNKNOWN_YET
from purview_ai.objects.sameness import read_moment, same
from purview_ai.objects.wish import declared_part, merged, without

if TYPE_CHECKING:
    from purview_ai.datamap.object_kind import ObjectKind

ACCOUNT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Purview/accounts/a"
NOBODY = DataMaps(CLOUDS["public"], lambda: pytest.fail("nobody is asked about a wish that cannot be right"))
names = st.from_regex(r"[a-z]{3,9}(-[a-z]{1,5})?", fullmatch=True)
words = st.text("abc xyz.", max_size=12)
values = st.text("abc", min_size=1, max_size=5) | st.integers() | st.booleans()
properties = st.dictionaries(
    st.sampled_from(["one", "two", "three"]),
    values | st.dictionaries(st.sampled_from(["a", "b"]), values, min_size=1),
    max_size=3,
)
common = {"account_id": st.just(ACCOUNT), "name": names}
WISHES: dict[str, tuple[ObjectKind, st.SearchStrategy[dict[str, Any]]]] = {
    "connection": (
        KEY_VAULT_CONNECTION,
        st.fixed_dictionaries({**common, "base_url": st.just("https://v/")}),
    ),
    "credential": (
        CREDENTIAL,
        st.fixed_dictionaries(
            {
                **common,
                "kind": names,
                "secret_property": names,
                "connection": names,
                "secret_name": names,
                "secret_version": words,
            }
        ),
    ),
    "source": (
        DATA_SOURCE,
        st.fixed_dictionaries({**common, "kind": names, "properties": properties, "collection": names}),
    ),
    "scan": (
        SCAN,
        st.fixed_dictionaries(
            {**common, "data_source": names, "kind": names, "properties": properties, "collection": names}
        ),
    ),
}


@pytest.mark.parametrize("kind", WISHES)
@given(data=st.data())
def test_what_was_put_is_observed_as_it_was_wished(kind: str, data: st.DataObject) -> None:
    definition, wishes = WISHES[kind]
    wish = definition.wish.model_validate(data.draw(wishes))
    body = wish.body(definition.constants)
    assert wish.observed(copy.deepcopy(body)) == wish
    body.update(id="added by the service")
    body.setdefault("properties", {}).update(createdAt="now", lastModifiedAt="now")
    assert wish.observed(body) == wish
    assert not definition.diff({**wish.model_dump(), "adopted": True}, wish.model_dump()).changed


@given(properties, properties)
def test_merging_keeps_what_nobody_declared_and_takes_what_was_wished(
    present: dict[str, Any], wanted: dict[str, Any]
) -> None:
    both = merged(present, wanted)
    for name, value in wanted.items():
        assert declared_part(both[name], value) == value
    for name in present.keys() - wanted.keys():
        assert both[name] == present[name]
    assert merged(without(both, wanted, {}), {}) == {n: v for n, v in both.items() if n not in wanted}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_tells_what_is_missing_and_tolerates_what_is_unknown(kind: str) -> None:
    assert KINDS[kind].check(NOBODY, {}, {}).problems
    checked = KINDS[kind].check(NOBODY, {"account_id": UNKNOWN_YET}, {})
    assert "account_id" not in [problem.field for problem in checked.problems]
    assert checked.fields["account_id"] is UNKNOWN_YET


@pytest.mark.parametrize("name", ["ab", "-abc", "abc-", "a--b", "a_b", "a" * 64])
def test_a_name_that_the_data_map_refuses_is_refused_before(name: str) -> None:
    problems = KEY_VAULT_CONNECTION.check(
        NOBODY, {"account_id": ACCOUNT, "name": name, "base_url": "https://v/"}, {}
    ).problems
    assert [problem.field for problem in problems] == ["name"]
    assert "3 to 63 letters" in problems[0].reason


@pytest.mark.parametrize(
    ("declared", "found", "alike"),
    [
        ({"many": [{"a": 1}, {"a": 2}]}, {"many": [{"a": 2, "added": 0}, {"a": 1, "added": 0}]}, True),
        ({"many": [{"a": 1}]}, {"many": [{"a": 1}, {"a": 2}]}, False),
        ({"many": [{"a": 1}, {"a": 1}]}, {"many": [{"a": 1}]}, False),
        ({"none": None, "empty": [], "a": 1}, {"a": 1}, True),
        ({"none": None, "a": 1}, {"none": "", "a": 1}, True),
        ({"none": None}, {"none": "something"}, False),
        ({"a": 1}, {}, False),
        ({"a": True}, {"a": 1}, False),
        ({"a": 1.0}, {"a": 1}, True),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, True),
        ({"a": [{"a": 1}, {"a": 1, "b": 2}]}, {"a": [{"a": 1, "b": 2, "s": 0}, {"a": 1, "s": 0}]}, True),
        ({"a": [None, 1]}, {"a": [1, None]}, True),
        ({"a": {"b": ""}}, {}, True),
        ({"a": {"b": 1}}, {}, False),
    ],
)
def test_only_what_was_declared_is_compared(declared: Any, found: Any, alike: bool) -> None:  # noqa: FBT001  # a table
    assert same(declared_part(found, declared), declared) == alike


def test_an_update_keeps_what_others_set_in_the_objects_of_a_list() -> None:
    present = {"many": [{"a": 2, "theirs": "kept"}, {"a": 3, "theirs": "gone"}], "theirs": 1}
    assert merged(present, {"many": [{"a": 1}, {"a": 2}]}) == {
        "many": [{"a": 1}, {"a": 2, "theirs": "kept"}],
        "theirs": 1,
    }


def test_what_is_unknown_yet_is_a_change_of_what_is_known() -> None:
    known = {"a": {"b": [1]}}
    assert not same(known, UNKNOWN_YET)
    assert not same(known, {"a": {"b": [UNKNOWN_YET]}})
    assert same({"b": UNKNOWN_YET}, {"b": UNKNOWN_YET})


def test_a_member_of_a_list_loses_what_is_wished_no_more() -> None:
    present = {"rules": [{"path": "x", "recursive": True, "theirs": 1}, {"path": "y"}]}
    before = {"rules": [{"path": "x", "recursive": True}]}
    wanted = {"rules": [{"path": "x"}]}
    assert merged(without(present, before, wanted), wanted) == {"rules": [{"path": "x", "theirs": 1}]}


@pytest.mark.parametrize("odd", ["https://[see wiki]", "0001-01-01T00:00:00+05:00", "2026-13-45T00:00:00Z"])
def test_what_only_looks_like_an_address_or_a_time_is_text(odd: str) -> None:
    assert same(odd, odd)
    assert not same(odd, "another")


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-11-20T02:00:00.1234567Z", datetime(2026, 11, 20, 2, 0, 0, 123456, UTC)),
        ("2026-11-20T03:00:00+01:00", datetime(2026, 11, 20, 2, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59.9999999Z", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_a_services_time_is_read_where_it_gives_one(text: str | None, when: datetime | None) -> None:
    assert read_moment(text) == when
