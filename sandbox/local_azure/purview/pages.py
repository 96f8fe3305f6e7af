"""Lists, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from local_azure.call import Answer, Call, JsonObject
from local_azure.errors import ServiceError

if TYPE_CHECKING:
    from local_azure.purview.accounts import PurviewAccount

_TOKEN = "$skipToken"
"""As collections have it (docs/facts.md, purview 2.10); in the other lists' links it is nobody's business."""


def paged(call: Call, account: PurviewAccount, found: list[JsonObject], *, ends_with_null: bool = False) -> Answer:
    """One page of a list, and the address of the next one while there is more."""
    start, size = _start(call, len(found)), account.circumstances.page_size or len(found)
    page: JsonObject = {"value": found[start : start + size], "count": len(found)}
    if start + size < len(found):
        query = {name: value for name, value in call.query.items() if name.lower() != _TOKEN.lower()}
        path = call.path.removeprefix(call.address.path_prefix)
        page["nextLink"] = f"{call.url}{path}?{urlencode({**query, _TOKEN: f'from-{start + size}'})}"
    elif ends_with_null:
        page["nextLink"] = None
    return Answer(200, page)


def _start(call: Call, length: int) -> int:
    given = {name.lower(): value for name, value in call.query.items()}.get(_TOKEN.lower())
    if given is None:
        return 0
    number = given.removeprefix("from-")
    if not number.isdecimal() or int(number) > length:
        raise ServiceError(400, "InvalidInput", "The $skipToken is not valid.")
    return int(number)
