"""Microsoft Graph's audit search: queries that run by themselves, and the records that they find.

docs/facts.md, graph 14, and what is assumed beyond that in assumed 72 to 76.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from local_azure.audit_log import circumstances_of, records_of
from local_azure.call import Answer, Call, JsonObject, Operation
from local_azure.errors import ServiceError
from local_azure.graph_calls import graph_page, require_permission
from local_azure.hosts import PUBLIC
from local_azure.store import Document

if TYPE_CHECKING:
    from collections.abc import Callable

SEARCH_AUDIT = ("AuditLogsQuery.Read.All",)
PAGE, PAGE_AT_MOST = 100, 999
_TIMES = ("filterStartDateTime", "filterEndDateTime")
_COMPARED: dict[str, Callable[[JsonObject], object]] = {
    "recordTypeFilters": lambda record: record["auditLogRecordType"],
    "operationFilters": lambda record: record["operation"],
    "userPrincipalNameFilters": lambda record: record["userPrincipalName"],
    "serviceFilters": lambda record: record["service"],
    "objectIdFilters": lambda record: record["objectId"],
    "ipAddressFilters": lambda record: record["clientIp"],
    "administrativeUnitIdFilters": lambda _: None,
}
"""The filters that name values, and what of a record they are compared with."""
_ASKED = ("displayName", "keywordFilter", *_TIMES, *_COMPARED)
_SERVICES_OWN = ("@odata.type", "id", "status", "records", "approximateReturnedRecordCount")
"""What a client may send and the service does not look at."""

Status = Literal["notStarted", "running", "succeeded", "failed", "cancelled"]


class AuditQuery(Document):
    """A search that somebody asked for."""

    id: str
    tenant_id: str
    asked: JsonObject
    status: Status = "notStarted"
    looks: int = 0
    found: list[JsonObject] = Field(default_factory=list[JsonObject])

    @property
    def key(self) -> str:
        """The query's id."""
        return self.id

    @property
    def shown(self) -> JsonObject:
        """The query as Graph tells of it."""
        lists: JsonObject = {name: self.asked.get(name) or [] for name in _COMPARED}
        others = {name: self.asked.get(name) for name in _ASKED if name not in lists}
        return {"id": self.id, "status": self.status, **others, **lists}

    def meets(self, record: JsonObject) -> bool:
        """Whether a record is one of those that are searched for."""
        moment = datetime.fromisoformat(record["createdDateTime"])
        start, end = (self.asked.get(name) for name in _TIMES)
        in_time = (not start or datetime.fromisoformat(start) <= moment) and (
            not end or moment <= datetime.fromisoformat(end)
        )
        word = str(self.asked.get("keywordFilter") or "").lower()
        return (
            in_time
            and word in json.dumps(record["auditData"]).lower()
            and all(
                str(own(record)).lower() in [str(value).lower() for value in self.asked[name]]
                for name, own in _COMPARED.items()
                if self.asked.get(name)
            )
        )


def _require(call: Call) -> None:
    require_permission(call, SEARCH_AUDIT)
    elsewhere = call.address.cloud != PUBLIC and call.azure.rules.on("audit-search-cloud")
    missing = call.params["version"] == "v1.0" and not circumstances_of(call.azure, call.caller.tenant_id).in_v1
    if elsewhere or missing:
        raise ServiceError(404, "NotFound", "Resource not found for the segment 'auditLog'.")


def _query(call: Call) -> AuditQuery:
    found = call.azure.store.get(AuditQuery, call.params["query"])
    if found is None or found.tenant_id != call.caller.tenant_id:
        raise ServiceError(404, "NotFound", f"The audit log query {call.params['query']} was not found.")
    return found


def _checked(body: JsonObject) -> JsonObject:
    asked = {name: value for name, value in body.items() if name not in _SERVICES_OWN}
    unknown = sorted(set(asked) - set(_ASKED))
    if unknown:
        says = f"The property '{unknown[0]}' does not exist on type 'microsoft.graph.security.auditLogQuery'."
        raise ServiceError(400, "BadRequest", says)
    for name in _TIMES:
        if asked.get(name) is not None and not _is_moment(asked[name]):
            raise ServiceError(400, "BadRequest", f"The value of '{name}' is not a time with its zone.")
    for name in _COMPARED:
        if not isinstance(asked.get(name) or [], list):
            raise ServiceError(400, "BadRequest", f"The value of '{name}' is not a list.")
    return asked


def _is_moment(value: object) -> bool:
    try:
        return datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        return False


def ask(call: Call) -> Answer:
    """``POST …/queries``: a search begins."""
    _require(call)
    made = AuditQuery(id=call.azure.new_id(), tenant_id=call.caller.tenant_id, asked=_checked(call.body))
    call.azure.store.put(made)
    context = f"{call.url}/{call.params['version']}/$metadata#security/auditLog/queries/$entity"
    return Answer(201, {"@odata.context": context, **made.shown})


def list_queries(call: Call) -> Answer:
    """``GET …/queries``: newest first."""
    _require(call)
    own = [query for query in call.azure.store.all(AuditQuery) if query.tenant_id == call.caller.tenant_id]
    shown = [query.shown for query in reversed(own)]
    return graph_page(call, shown, "security/auditLog/queries", default=PAGE, most=PAGE_AT_MOST)


def get_query(call: Call) -> Answer:
    """``GET …/queries/{id}``: each look brings its end nearer."""
    _require(call)
    query = _query(call)
    if query.status in ("notStarted", "running"):
        _go_on(call, query)
        call.azure.store.put(query)
    context = f"{call.url}/{call.params['version']}/$metadata#security/auditLog/queries/$entity"
    return Answer(200, {"@odata.context": context, **query.shown})


def _go_on(call: Call, query: AuditQuery) -> None:
    circumstances = circumstances_of(call.azure, query.tenant_id)
    query.looks += 1
    query.status = "running" if query.looks <= circumstances.looks else circumstances.ends
    if query.status == "succeeded":
        query.found = [record for record in records_of(call.azure, query.tenant_id) if query.meets(record)]


def list_records(call: Call) -> Answer:
    """``GET …/queries/{id}/records``, of a search that has succeeded."""
    _require(call)
    query = _query(call)
    if query.status != "succeeded" and call.azure.rules.on("audit-query-succeeded"):
        raise ServiceError(400, "BadRequest", f"The audit log query {query.id} has not succeeded: {query.status}.")
    context = f"security/auditLog/queries('{query.id}')/records"
    return graph_page(call, query.found, context, default=PAGE, most=PAGE_AT_MOST)


_QUERIES = "/{version}/security/auditLog/queries"
AUDIT_OPERATIONS = [
    Operation("GET", _QUERIES, list_queries),
    Operation("POST", _QUERIES, ask),
    Operation("GET", _QUERIES + "/{query}", get_query),
    Operation("GET", _QUERIES + "/{query}/records", list_records),
]
