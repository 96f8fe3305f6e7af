"""Microsoft Graph's users: who has a mailbox, and at which addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from answers import refused
from local_azure import people, seed
from local_azure.people import Somebody
from people import GRAPH, Person

if TYPE_CHECKING:
    from local_azure.process import LocalAzure

USERS = f"{GRAPH}/v1.0/users"
EVERYBODY = seed.USERS - len(people.NOT_IN_THE_DIRECTORY) + len(people.SILENT) + 1


@pytest.fixture(scope="module")
def azure(shared_azure: LocalAzure) -> LocalAzure:
    return shared_azure


def names(found: dict[str, Any]) -> list[str]:
    return [user["userPrincipalName"] for user in found["value"]]


def chosen(person: Person, condition: str) -> list[str]:
    return names(person.get(USERS, **{"$filter": condition}))


def test_who_deploys_may_not_look_at_users(operator: Person, deployer: Person) -> None:
    assert refused(deployer.ask("GET", USERS), 403, "Authorization_RequestDenied")
    granted = f"{GRAPH}/v1.0/servicePrincipals/{seed.GRAPH}/appRoleAssignedTo"
    wanted = {"principalId": seed.DEPLOYER_ID, "resourceId": seed.GRAPH}
    for permission in ("User.Read.All", "Directory.Read.All"):
        made = operator.do("POST", granted, json={**wanted, "appRoleId": seed.GRAPH_ROLES[permission]})
        assert deployer.ask("GET", USERS).status_code == 200
        assert deployer.ask("GET", f"{USERS}/{people.RENAMED}").status_code == 200
        operator.do("DELETE", f"{granted}/{made['id']}")
    assert refused(deployer.ask("GET", f"{USERS}/{people.RENAMED}"), 403, "Authorization_RequestDenied")


def test_nothing_but_the_usual_comes_unless_it_is_selected(operator: Person) -> None:
    usual = operator.get(USERS)["value"][0]
    assert {"id", "userPrincipalName", "mail"} < set(usual)
    assert not {"proxyAddresses", "accountEnabled", "assignedPlans", "userType"} & set(usual)
    [user] = operator.get(
        USERS,
        **{
            "$filter": f"userPrincipalName eq '{people.RENAMED}'",
            "$select": "mail,proxyAddresses,accountEnabled,userType,assignedPlans",
        },
    )["value"]
    exchange, *_ = [plan for plan in user.pop("assignedPlans") if plan["service"] == "exchange"]
    assert exchange["capabilityStatus"] == "Enabled"
    assert user == {
        "mail": people.RENAMED,
        "proxyAddresses": [f"SMTP:{people.RENAMED}", "smtp:user05@contoso.example"],
        "accountEnabled": True,
        "userType": "Member",
    }
    unknown = operator.ask("GET", USERS, params={"$select": "mailbox"})
    assert "'mailbox' on type 'microsoft.graph.user'" in refused(unknown, 400, "BadRequest")


def test_users_come_page_by_page(operator: Person) -> None:
    pages: list[list[str]] = []
    page = operator.get(USERS, **{"$top": "15", "$select": "userPrincipalName"})
    while link := page.get("@odata.nextLink"):
        pages.append(names(page))
        page = operator.get(link.partition("?")[0], **dict(httpx.URL(link).params))
    pages.append(names(page))
    assert [len(one) for one in pages] == [15, 15, EVERYBODY - 30]
    assert [name for one in pages for name in one] == names(operator.get(USERS))
    for top in ("0", "1000", "all"):
        assert refused(operator.ask("GET", USERS, params={"$top": top}), 400, "Request_UnsupportedQuery")
    made_up = operator.ask("GET", USERS, params={"$skiptoken": "from-999"})
    assert refused(made_up, 400, "Directory_ExpiredPageToken")


def test_a_filter_knows_no_case_and_looks_at_every_address(operator: Person) -> None:
    assert chosen(operator, f"userPrincipalName eq '{people.IN_CAPITALS.lower()}'") == [people.IN_CAPITALS]
    assert chosen(operator, "userPrincipalName eq 'user05@contoso.example'") == []
    further = "proxyAddresses/any(p:p eq 'smtp:user05@contoso.example')"
    assert chosen(operator, further) == [people.RENAMED]
    assert chosen(operator, "mail eq 'user06@contoso.example'") == [people.BY_MAIL]
    some = "userPrincipalName in ('user08@contoso.example', 'user36@contoso.example','USER09@contoso.example')"
    assert chosen(operator, some) == ["user08@contoso.example", "user09@contoso.example"]
    either = f"userPrincipalName eq 'user05@contoso.example' or {further}"
    assert chosen(operator, either) == [people.RENAMED]
    assert chosen(operator, "accountEnabled eq false and userType eq 'Member'") == [people.DISABLED]
    assert chosen(operator, "userType eq 'Guest'") == [people.GUEST]


@pytest.mark.parametrize(
    "condition",
    [
        "startswith(mail,'user')",
        "assignedPlans/any(a:a eq 'exchange')",
        "mail eq 'a' and mail eq 'b' or mail eq 'c'",
        "mail eq 'a' or ",
    ],
)
def test_a_filter_that_is_not_known_is_refused(operator: Person, condition: str) -> None:
    answer = operator.ask("GET", USERS, params={"$filter": condition})
    assert condition in refused(answer, 400, "Request_UnsupportedQuery")


def test_a_filter_has_15_expressions_at_most(operator: Person) -> None:
    names = [f"'user{number:02}@contoso.example'" for number in range(8, 24)]
    assert len(chosen(operator, f"userPrincipalName in ({','.join(names[:15])})")) == 15
    answer = operator.ask("GET", USERS, params={"$filter": f"userPrincipalName in ({','.join(names)})"})
    assert "16. Max allowed: 15" in refused(answer, 400, "Request_UnsupportedQuery")


def test_one_user_is_found_by_name_or_id(operator: Person) -> None:
    found = operator.get(f"{USERS}/{people.BY_MAIL.upper()}")
    assert operator.get(f"{USERS}/{found['id']}", **{"$select": "mail"})["mail"] == "user06@contoso.example"
    assert refused(operator.ask("GET", f"{USERS}/nobody@contoso.example"), 404, "Request_ResourceNotFound")


def test_mailboxes_are_given_and_taken_away(azure: LocalAzure, operator: Person) -> None:
    def plans(name: str) -> dict[str, str]:
        user = operator.get(f"{USERS}/{name}", **{"$select": "assignedPlans"})
        return {plan["service"]: plan["capabilityStatus"] for plan in user["assignedPlans"]}

    conditions = {name: plans(name).get("exchange") for name in people.WITHOUT_MAILBOX}
    assert conditions == people.WITHOUT_MAILBOX
    name = "new@contoso.example"
    azure.set_user(Somebody(principal_name=name))
    assert plans(name) == {"MicrosoftOffice": "Enabled", "exchange": "Enabled"}
    azure.set_user(Somebody(principal_name=name, exchange="Suspended"))
    assert plans(name)["exchange"] == "Suspended"
    azure.remove_user(name)
    assert refused(operator.ask("GET", f"{USERS}/{name}"), 404, "Request_ResourceNotFound")
