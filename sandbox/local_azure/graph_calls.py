"""What all of Microsoft Graph's operations share: permissions, and lists that come page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from local_azure.call import Answer, JsonObject
from local_azure.errors import ServiceError

if TYPE_CHECKING:
    from local_azure.call import Call

_TOKEN = "$skiptoken"


def require_permission(call: Call, permissions: tuple[str, ...]) -> None:
    """Stop a caller whose token holds none of these application permissions."""
    if call.azure.rules.on("graph-permissions") and not call.caller.app_roles.intersection(permissions):
        raise ServiceError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def not_there(what: str) -> ServiceError:
    """What Graph says of an object that the caller's tenant does not have."""
    says = f"Resource '{what}' does not exist or one of its queried reference-property objects are not present."
    return ServiceError(404, "Request_ResourceNotFound", says)


def bad_request(says: str) -> ServiceError:
    """What Graph's directory says of a body that it does not take."""
    return ServiceError(400, "Request_BadRequest", says)


def graph_page(call: Call, found: list[JsonObject], context: str, *, default: int, most: int) -> Answer:
    """One page of a list, as long as ``$top`` says, and the address of the next one while there is more."""
    size, start = _size(call, default, most), _start(call, len(found))
    page: JsonObject = {"@odata.context": f"{call.url}/{call.params['version']}/$metadata#{context}"}
    if start + size < len(found):
        query = {name: value for name, value in call.query.items() if name.lower() != _TOKEN}
        page["@odata.nextLink"] = f"{call.url}{call.path}?{urlencode({**query, _TOKEN: f'from-{start + size}'})}"
    return Answer(200, {**page, "value": found[start : start + size]})


def _size(call: Call, default: int, most: int) -> int:
    given = call.query.get("$top", str(default))
    if not given.isdecimal() or not 1 <= int(given) <= most:
        says = f"Invalid page size specified: '{given}'. Must be between 1 and {most} inclusive."
        raise ServiceError(400, "Request_UnsupportedQuery", says)
    return int(given)


def _start(call: Call, length: int) -> int:
    given = {name.lower(): value for name, value in call.query.items()}.get(_TOKEN)
    if given is None:
        return 0
    number = given.removeprefix("from-")
    if not number.isdecimal() or int(number) > length:
        says = "The specified page token value has expired and can no longer be included in your request."
        raise ServiceError(400, "Directory_ExpiredPageToken", says)
    return int(number)
