"""Microsoft Graph's eDiscovery: cases and the searches in them (docs/facts.md, graph 30 to 33, assumed 100 to 104).

Searches are kept and never run: what they would find is in nobody's mailbox here.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from local_azure.call import Answer, Call, JsonObject, Operation
from local_azure.errors import ServiceError
from local_azure.graph_calls import graph_page, require_permission
from local_azure.hosts import CHINA
from local_azure.store import Document

READ_CASES = ("eDiscovery.Read.All", "eDiscovery.ReadWrite.All")
WRITE_CASES = ("eDiscovery.ReadWrite.All",)
SCOPES = ("none", "allTenantMailboxes", "allTenantSites", "allCaseCustodians", "allCaseNoncustodialDataSources")
PAGE, PAGE_AT_MOST = 20, 100
_OF_A_CASE = ("displayName", "description", "externalId")
_OF_A_SEARCH = ("displayName", "description", "contentQuery", "dataSourceScopes")


class EdiscoveryCircumstances(BaseModel):
    """In what tenants differ from each other; a tenant begins with the defaults."""

    model_config = ConfigDict(extra="forbid")

    authorised: bool = True
    """Whether compliance PowerShell has let applications in, which takes more than Graph's permission."""
    refuses_with: Literal[401, 403] = 401
    """How those are refused that it has not let in."""


class Ediscovery(Document):
    """A tenant's eDiscovery, once somebody has said in what it differs from others."""

    tenant_id: str
    circumstances: EdiscoveryCircumstances

    @property
    def key(self) -> str:
        """One for a tenant."""
        return self.tenant_id


class Case(Document):
    """A case."""

    id: str
    tenant_id: str
    said: JsonObject
    status: Literal["active", "closed"] = "active"
    created: str

    @property
    def key(self) -> str:
        """The case's id."""
        return self.id

    @property
    def shown(self) -> JsonObject:
        """The case as Graph tells of it."""
        said: JsonObject = {name: self.said.get(name, "") for name in _OF_A_CASE}
        return {"id": self.id, **said, "status": self.status, "createdDateTime": self.created}


class Search(Document):
    """A search of a case."""

    id: str
    case: str
    said: JsonObject
    created: str

    @property
    def key(self) -> str:
        """The search's id."""
        return self.id

    @property
    def shown(self) -> JsonObject:
        """The search as Graph tells of it."""
        said: JsonObject = {name: self.said.get(name, "") for name in _OF_A_SEARCH}
        return {"id": self.id, **said, "createdDateTime": self.created}


def circumstances_of(call: Call) -> EdiscoveryCircumstances:
    """In what the caller's tenant differs from others."""
    found = call.azure.store.get(Ediscovery, call.caller.tenant_id)
    return found.circumstances if found else EdiscoveryCircumstances()


def _require(call: Call, permissions: tuple[str, ...]) -> None:
    if call.address.cloud == CHINA and call.azure.rules.on("ediscovery-cloud"):
        raise ServiceError(404, "NotFound", "Resource not found for the segment 'ediscoveryCases'.")
    require_permission(call, permissions)
    circumstances = circumstances_of(call)
    if not circumstances.authorised and call.azure.rules.on("ediscovery-authorised"):
        raise ServiceError(circumstances.refuses_with, "UnknownError", "")


def _said(call: Call, known: tuple[str, ...], kind: str) -> JsonObject:
    unknown = sorted(name for name in call.body if name not in known and name != "@odata.type")
    if unknown:
        says = f"The property '{unknown[0]}' does not exist on type 'microsoft.graph.security.{kind}'."
        raise ServiceError(400, "BadRequest", says)
    said = {name: call.body[name] for name in known if name in call.body}
    scopes = [one.strip() for one in str(said.get("dataSourceScopes") or "none").split(",")]
    if not set(scopes) <= set(SCOPES):
        raise ServiceError(400, "BadRequest", f"Cannot convert the literal '{said['dataSourceScopes']}'.")
    if "displayName" in said and not str(said["displayName"] or "").strip():
        raise ServiceError(400, "BadRequest", "The property 'displayName' must not be empty.")
    return said


def _required(said: JsonObject) -> JsonObject:
    if "displayName" not in said:
        raise ServiceError(400, "BadRequest", "The property 'displayName' is required.")
    return said


def _own_cases(call: Call) -> list[Case]:
    return [case for case in call.azure.store.all(Case) if case.tenant_id == call.caller.tenant_id]


def _case(call: Call) -> Case:
    for case in _own_cases(call):
        if case.id == call.params["case"].lower():
            return case
    raise ServiceError(404, "NotFound", f"The case {call.params['case']} was not found.")


def _require_free(call: Call, said: JsonObject, but: str = "") -> None:
    name = str(said.get("displayName") or "").lower()
    taken = [case for case in _own_cases(call) if case.id != but and case.shown["displayName"].lower() == name]
    if name and taken and call.azure.rules.on("ediscovery-case-name"):
        raise ServiceError(409, "Conflict", f"A case with the name '{said['displayName']}' already exists.")


def _context(call: Call, path: str) -> JsonObject:
    return {"@odata.context": f"{call.url}/{call.params['version']}/$metadata#security/cases/{path}"}


def list_cases(call: Call) -> Answer:
    """``GET …/ediscoveryCases``, page by page."""
    _require(call, READ_CASES)
    shown = [case.shown for case in _own_cases(call)]
    return graph_page(call, shown, "security/cases/ediscoveryCases", default=PAGE, most=PAGE_AT_MOST)


def make_case(call: Call) -> Answer:
    """``POST …/ediscoveryCases``: a name is there once."""
    _require(call, WRITE_CASES)
    said = _required(_said(call, _OF_A_CASE, "ediscoveryCase"))
    _require_free(call, said)
    made = Case(id=call.azure.new_id(), tenant_id=call.caller.tenant_id, said=said, created=call.azure.now())
    call.azure.store.put(made)
    return Answer(201, {**_context(call, "ediscoveryCases/$entity"), **made.shown})


def get_case(call: Call) -> Answer:
    """``GET …/ediscoveryCases/{id}``."""
    _require(call, READ_CASES)
    return Answer(200, {**_context(call, "ediscoveryCases/$entity"), **_case(call).shown})


def change_case(call: Call) -> Answer:
    """``PATCH …/ediscoveryCases/{id}``: what is not sent stays."""
    _require(call, WRITE_CASES)
    case, said = _case(call), _said(call, _OF_A_CASE, "ediscoveryCase")
    _require_free(call, said, case.id)
    case.said |= said
    call.azure.store.put(case)
    return Answer(204)


def close_case(call: Call) -> Answer:
    """``POST …/ediscoveryCases/{id}/close``."""
    _require(call, WRITE_CASES)
    case = _case(call)
    case.status = "closed"
    call.azure.store.put(case)
    return Answer(204)


def remove_case(call: Call) -> Answer:
    """``DELETE …/ediscoveryCases/{id}``, active or closed; its searches go with it."""
    _require(call, WRITE_CASES)
    case = _case(call)
    call.azure.store.delete(case, *_searches(call, case))
    return Answer(204)


def _searches(call: Call, case: Case) -> list[Search]:
    return [search for search in call.azure.store.all(Search) if search.case == case.id]


def _search(call: Call) -> Search:
    case, wanted = _case(call), call.params["search"].lower()
    everywhere = not call.azure.rules.on("ediscovery-search-of-its-case")
    for search in call.azure.store.all(Search):
        if search.id == wanted and (everywhere or search.case == case.id):
            return search
    raise ServiceError(404, "NotFound", f"The search {wanted} was not found in the case.")


def list_searches(call: Call) -> Answer:
    """``GET …/searches``, page by page."""
    _require(call, READ_CASES)
    case = _case(call)
    shown = [search.shown for search in _searches(call, case)]
    context = f"security/cases/ediscoveryCases('{case.id}')/searches"
    return graph_page(call, shown, context, default=PAGE, most=PAGE_AT_MOST)


def make_search(call: Call) -> Answer:
    """``POST …/searches``; nothing keeps two of a case from having one name."""
    _require(call, WRITE_CASES)
    case, said = _case(call), _required(_said(call, _OF_A_SEARCH, "ediscoverySearch"))
    said.setdefault("dataSourceScopes", "none")
    made = Search(id=call.azure.new_id(), case=case.id, said=said, created=call.azure.now())
    call.azure.store.put(made)
    return Answer(201, {**_context(call, f"ediscoveryCases('{case.id}')/searches/$entity"), **made.shown})


def get_search(call: Call) -> Answer:
    """``GET …/searches/{id}``."""
    _require(call, READ_CASES)
    search = _search(call)
    return Answer(200, {**_context(call, f"ediscoveryCases('{search.case}')/searches/$entity"), **search.shown})


def change_search(call: Call) -> Answer:
    """``PATCH …/searches/{id}``: what is not sent stays."""
    _require(call, WRITE_CASES)
    search = _search(call)
    search.said |= _said(call, _OF_A_SEARCH, "ediscoverySearch")
    call.azure.store.put(search)
    return Answer(204)


def remove_search(call: Call) -> Answer:
    """``DELETE …/searches/{id}``."""
    _require(call, WRITE_CASES)
    call.azure.store.delete(_search(call))
    return Answer(204)


_CASES = "/{version}/security/cases/ediscoveryCases"
_CASE = _CASES + "/{case}"
_SEARCH = _CASE + "/searches/{search}"
EDISCOVERY_OPERATIONS = [
    Operation("GET", _CASES, list_cases),
    Operation("POST", _CASES, make_case),
    Operation("GET", _CASE, get_case),
    Operation("PATCH", _CASE, change_case),
    Operation("DELETE", _CASE, remove_case),
    Operation("POST", _CASE + "/close", close_case),
    Operation("POST", _CASE + "/microsoft.graph.security.close", close_case),
    Operation("GET", _CASE + "/searches", list_searches),
    Operation("POST", _CASE + "/searches", make_search),
    Operation("GET", _SEARCH, get_search),
    Operation("PATCH", _SEARCH, change_search),
    Operation("DELETE", _SEARCH, remove_search),
]
