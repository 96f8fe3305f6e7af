"""A connector profile is derived from objects that are there, proved by rendering it, and told without their owner."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from purview_ai.apps.catalogue import app_named, app_names
from purview_ai.discovery.deriving import Derived, derive
from purview_ai.discovery.evidence import WITHHELD, Host, doubts, evidence_of, shape, shipped_evidence
from purview_ai.discovery.registered import ChoiceError, Registered

WORKSPACE = "11111111-2222-3333-4444-555555555555"
REFERENCE = {
    "type": "AzureKeyVaultSecret",
    "secretName": "s",
    "secretVersion": "",
    "store": {"referenceName": "kv", "type": "LinkedServiceReference"},
}


def registered(
    source: dict[str, Any] | None = None, scan: dict[str, Any] | None = None, credential: dict[str, Any] | None = None
) -> Registered:
    """A source, scan and credential with these properties beside what every one has."""
    collection = {"referenceName": "c-1", "type": "CollectionReference"}
    return Registered(
        {
            "name": "my-source",
            "kind": "SourceKind",
            "id": "datasources/my-source",
            "creationType": "Manual",
            "properties": {
                "workspace": WORKSPACE,
                "collection": collection,
                "createdAt": "2026-05-05",
                **(source or {}),
            },
        },
        {
            "name": "my-scan",
            "kind": "ScanKind",
            "properties": {
                "credential": {"referenceName": "my-key", "credentialType": "KeyKind"},
                "collection": collection,
                "domain": "d-1",
                "lastModifiedAt": "2026-06-06T01:02:03Z",
                "workers": None,
                **(scan or {}),
            },
        },
        {
            "name": "my-key",
            "kind": "KeyKind",
            "properties": {"description": "", "typeProperties": {"key": REFERENCE}, **(credential or {})},
        },
        data_sources=3,
        scans=1,
    )


def derived(found: Registered, since: date | None = None, workspace: str = WORKSPACE) -> Derived:
    """What is derived of it."""
    return derive(found, workspace_id=workspace, capture_since=since)


def test_what_every_object_has_is_left_out_and_what_is_known_becomes_a_placeholder() -> None:
    found = registered(
        {"address": f"https://vendor.example/{WORKSPACE.upper()}/", "sort": 3},
        {"dataSourceReference": {"referenceName": "my-source"}, "note": "my-source", "scopes": [{"of": WORKSPACE}]},
    )
    done = derived(found)
    assert done.profile.data_source.properties == {
        "workspace": "{workspace_id}",
        "address": "https://vendor.example/{workspace_id}/",
        "sort": 3,
    }
    assert done.profile.scan.properties == {
        "credential": {"referenceName": "{credential}", "credentialType": "{credential_kind}"},
        "dataSourceReference": {"referenceName": "{data_source}"},
        "note": "my-source",
        "scopes": [{"of": "{workspace_id}"}],
    }
    assert (done.profile.credential.kind, done.profile.credential.secret_property) == ("KeyKind", "key")
    assert done.added == {
        "data source": ["collection", "createdAt"],
        "scan": ["collection", "domain", "lastModifiedAt"],
    }
    # Letters within an id may count for the vendor.
    assert done.unexpressed == []


@pytest.mark.parametrize(
    ("text", "known", "form"),
    [
        ("2026-01-31", None, "%Y-%m-%d"),
        ("2026-01-31T00:00:00Z", None, "%Y-%m-%dT00:00:00Z"),
        ("2026-01-31T00:00:00.0000000+00:00", None, "%Y-%m-%dT00:00:00.0000000+00:00"),
        ("2026/01/31 100%", None, "%Y/%m/%d 100%%"),
        ("31/01/2026", None, "%d/%m/%Y"),
        ("01/31/2026", None, "%m/%d/%Y"),
        ("02/01/2026", date(2026, 1, 2), "%d/%m/%Y"),
        ("02/01/2026", date(2026, 2, 1), "%m/%d/%Y"),
    ],
)
def test_the_form_of_the_first_day_is_found_and_writes_the_same_text(text: str, known: date | None, form: str) -> None:
    done = derived(registered(scan={"since": text}), known)
    assert done.profile.scan.properties["since"] == f"{{capture_since:{form}}}"
    assert done.first_day is not None
    assert done.first_day.day.strftime(form) == text
    assert done.equal


@given(st.dates(date(1000, 1, 1)), st.sampled_from(["", "T00:00:00Z", "T23:00:00.000Z", " 00:00:00"]))
def test_any_day_comes_back(day: date, rest: str) -> None:
    done = derived(registered(scan={"since": f"{day.isoformat()}{rest}"}))
    assert done.first_day is not None
    assert done.first_day.day == day
    assert done.equal


def test_several_dates_are_told_apart_by_the_known_one_or_not_at_all() -> None:
    found = registered(scan={"since": "2026-01-31", "until": "2027-01-31"})
    done = derived(found, date(2026, 1, 31))
    assert done.profile.scan.properties["until"] == "2027-01-31"
    with pytest.raises(ChoiceError, match=r"since: 2026-01-31, until: 2027-01-31.*--capture-since"):
        derived(found)


def test_what_is_no_day_is_none() -> None:
    done = derived(registered(scan={"since": "2026-02-31"}))
    assert done.first_day is None
    assert done.equal
    assert "no property of the scan is a date" in done.remarks[0]
    assert not derived(registered(), date(2026, 1, 1)).equal, "a day that is known has to be somewhere"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (registered(scan={"since": "01/01/2026"}), "day and month of the scan's date cannot be told apart"),
        (registered({"note": "{workspace_id}"}), "data source note: a profile cannot hold"),
        (registered(scan={"deep": {"apiKey": "whatever"}}), "scan deep.apiKey: a profile cannot hold"),
        (registered(scan={"auth": "sk-live"}), "scan auth: a profile cannot hold"),
        (registered(credential={"strange": 1}), "credential strange: no profile says it"),
        (
            registered(credential={"typeProperties": {"key": REFERENCE, "user": "x"}}),
            "credential user: it stands beside the secret",
        ),
        (
            registered(credential={"typeProperties": {"key": {**REFERENCE, "type": "Vault2"}}}),
            "the reference to the secret is of an unfamiliar form",
        ),
    ],
)
def test_what_a_profile_cannot_say_is_told(found: Registered, said: str) -> None:
    done = derived(found)
    assert not done.equal
    assert [one for one in done.unexpressed if said in one], done.unexpressed
    shown = json.dumps(done.profile.model_dump())
    assert "whatever" not in shown
    assert "sk-live" not in shown


@pytest.mark.parametrize(
    ("found", "workspace", "said"),
    [
        (registered(), "99999999-2222-3333-4444-555555555555", "does not hold the workspace id"),
        (registered({"other": "99999999-2222-3333-4444-555555555555"}), "", "holds 2 values like a GUID"),
        (registered({"workspace": "w-1"}), "", "holds 0 values like a GUID"),
        (registered(credential={"typeProperties": {"apiKey": "plain"}}), WORKSPACE, "refers to no secrets"),
    ],
)
def test_where_a_value_cannot_be_told_it_asks(found: Registered, workspace: str, said: str) -> None:
    with pytest.raises(ChoiceError, match=said) as refused:
        derived(found, workspace=workspace)
    assert "plain" not in str(refused.value)


_NAMES = st.text("abcdefgh", min_size=1, max_size=6)
_TEXTS = st.sampled_from(["some text", WORKSPACE, f"x/{WORKSPACE}", "my-source", "KeyKind", "2026-01-31T00:00:00Z"])
_VALUES = st.recursive(
    _TEXTS | st.booleans() | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_NAMES, _VALUES, max_size=4), st.dictionaries(_NAMES, _VALUES, max_size=4))
def test_whatever_the_objects_look_like_the_profile_gives_them_again(
    source: dict[str, Any], scan: dict[str, Any]
) -> None:
    done = derived(registered(source, scan))
    assert done.unexpressed == []


def test_evidence_has_the_shape_and_no_word_of_the_tenant() -> None:
    found = registered(
        {"contoso-account": {"x": 1}, WORKSPACE: True, "address": f"https://contoso.example/{WORKSPACE}"},
        {"since": "2026-01-31T00:00:00Z", "tags": ["contoso", 1]},
    )
    shown = evidence_of(
        "chatgpt-enterprise", found, derived(found), Host("tenant", "public"), {"contoso-account", "my-source"}
    )
    text = json.dumps(shown)
    for word in ("contoso", WORKSPACE, "my-source", "my-scan", "my-key", "2026-01-31"):
        assert word not in text
    assert shown["profile"]["scan"]["properties"] == {
        "credential": {"referenceName": "{credential}", "credentialType": "{credential_kind}"},
        "since": "{capture_since:%Y-%m-%dT00:00:00Z}",
        "tags": ["a text", "a number"],
    }
    assert WITHHELD in shown["profile"]["data_source"]["properties"]
    assert shown["counts"] == {"data_sources": 3, "scans": 1, "not_expressed": 0}


def test_evidence_must_be_of_the_app_of_a_whole_profile_and_of_this_one() -> None:
    app = "chatgpt-enterprise"
    connector = app_named(app).connector
    assert connector is not None
    profile = connector.profile
    good = {"app": app, "round_trip_equal": True, "profile": shape(profile)}
    assert doubts(good, app, profile) == []
    assert doubts(None, app, profile)
    for name, wrong in (("app", "another"), ("round_trip_equal", False), ("profile", {})):
        assert len(doubts({**good, name: wrong}, app, profile)) == 1


@pytest.mark.parametrize("app", app_names())
def test_a_profile_that_is_called_verified_has_evidence_beside_it(app: str) -> None:
    connector = app_named(app).connector
    if connector is not None and connector.verified:
        assert doubts(shipped_evidence(app), app, connector.profile) == []
