"""Scan runs: started, followed, cancelled.

A run does what the service is said to do: it reads the key from the vault as the account's identity, needs the
app roles granted through Graph, and asks the vendor for the workspace's conversations (``needs.py``).
"""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

from local_azure.audit_log import take_in
from local_azure.call import Answer, Call, Operation
from local_azure.errors import ServiceError
from local_azure.purview.accounts import READING, SOURCE_ADMIN, PurviewAccount, account_named, require_role
from local_azure.purview.connectors import CHATGPT, value_at
from local_azure.purview.needs import need_app_roles, object_at, open_workspace, read_key
from local_azure.purview.objects import DataMapObject, Run
from local_azure.purview.pages import paged
from local_azure.purview.scan import api_version, collection_of, existing, path_of, runs_of

if TYPE_CHECKING:
    from local_azure.azure import Azure

_tasks: set[asyncio.Task[None]] = set()
"""Runs that go on; asyncio itself keeps no hold on a task."""


def _shown(account: PurviewAccount, run: Run) -> dict[str, Any]:
    phase = {"Accepted": "Queued", "InProgress": "Running", "Canceled": "Cancelled"}.get(run.status, run.status)
    ingestion = {"Accepted": "None"}.get(run.status, run.status) if not run.canceling else "Canceling"
    found = {"discovered": run.discovered, "classified": run.classified, "failed": 0}
    taken = {"succeeded": run.ingested, "failed": 0, "processing": 0}
    error = {"code": run.reason_code, "message": run.reason} if run.reason else None
    return {
        "parentId": None,
        "id": run.id,
        "ingestionJobId": run.id,
        "resourceId": f"{account.id}/{run.scan}",
        "status": run.status,
        "diagnostics": {
            "notifications": [{"message": run.reason, "code": 3840}] if run.reason else [],
            "exceptionCountMap": {},
        },
        "startTime": run.started,
        "endTime": run.ended,
        "scanLevelType": run.level,
        "errorMessage": run.reason or None,
        "error": error,
        "runType": "Manual",
        "dataSourceType": CHATGPT.source_kind,
        "discoveryExecutionDetails": {
            "discoveryStartTime": run.started,
            "discoveryEndTime": run.ended,
            "status": phase,
            "statistics": {"assets": found},
            "isErrorLogAvailable": False,
        },
        "ingestionExecutionDetails": {
            "ingestionStartTime": run.started,
            "ingestionEndTime": run.ended,
            "status": ingestion,
            "statistics": {"assets": taken, "relationships": {"succeeded": 0, "failed": 0, "processing": 0}},
            "isErrorLogAvailable": False,
        },
    }


def _shown_operation(run: Run, status: str) -> dict[str, Any]:
    """What the preview forms and a cancellation answer (docs/facts.md, purview 2.7)."""
    return {
        "scanResultId": run.id,
        "startTime": run.started,
        "endTime": None,
        "status": status,
        "error": None,
    }


def start(call: Call) -> Answer:
    """Start a run: ``POST …:run?runId=``, ``PUT …/runs/{runId}`` or ``POST …/run`` (docs/facts.md, purview 2.7)."""
    api_version(call)
    account = require_role(call, (SOURCE_ADMIN,))
    scan = existing(call, account, path_of(call))
    require_role(call, (SOURCE_ADMIN,), collection_of(scan.body))
    run_id = _run_id(call)
    level = call.query.get("scanLevel") or call.body.get("scanLevel") or "Incremental"
    known = call.azure.store.get(Run, f"{account.name}/{scan.path}/runs/{run_id}")
    if known is None:
        if any(run.active for run in runs_of(call, account, scan.path)) and call.azure.rules.on("one-active-run"):
            says = "There is an active run of this scan. Wait until it ends, or cancel it."
            raise ServiceError(409, "ScanHistory_ActiveRunExist", says)
        known = Run(account=account.name, scan=scan.path, id=run_id, level=str(level), started=call.azure.now())
        call.azure.store.put(known)
        _follow(call.azure, known)
    where = f"{call.url}/scan/{scan.path}/runs/{run_id}"
    shown = _shown(account, known) if call.path.endswith(":run") else _shown_operation(known, known.status)
    return Answer(202, shown, {"operation-location": where})


def _run_id(call: Call) -> str:
    given = call.query.get("runId") or call.params.get("run")
    if given is None and call.path.lower().endswith("/run"):
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(str(given)))
    except ValueError:
        if not call.azure.rules.on("run-id-is-a-guid"):
            return str(uuid.uuid5(uuid.NAMESPACE_URL, str(given)))
        raise ServiceError(500, "UnknownError", "Unknown error") from None


def _run(call: Call) -> tuple[PurviewAccount, Run]:
    api_version(call)
    account = require_role(call, READING)
    run = call.azure.store.get(Run, f"{account.name}/{path_of(call)}/runs/{call.params['run']}")
    if run is None:
        raise ServiceError(404, "ResourceNotFound", f"Run {call.params['run']} was not found.")
    return account, run


def get_run(call: Call) -> Answer:
    """``GET …/runs/{runId}``."""
    account, run = _run(call)
    return Answer(200, _shown(account, run))


def list_runs(call: Call) -> Answer:
    """``GET …/runs``: newest first."""
    api_version(call)
    account = require_role(call, READING)
    scan = existing(call, account, path_of(call))
    runs = [_shown(account, run) for run in reversed(runs_of(call, account, scan.path))]
    return paged(call, account, runs, ends_with_null=True)


def cancel(call: Call) -> Answer:
    """``POST …/runs/{runId}:cancel``."""
    account, run = _run(call)
    require_role(call, (SOURCE_ADMIN,), collection_of(existing(call, account, run.scan).body))
    if run.active and account.circumstances.cancels_at_once:
        _canceled(call.azure, run)
    elif run.active and not run.canceling:
        run.canceling = True
        call.azure.store.put(run)
        _follow(call.azure, run)
    where = f"{call.url}/scan/{run.scan}/runs/{run.id}"
    return Answer(202, _shown_operation(run, "Accepted"), {"operation-location": where})


def _canceled(azure: Azure, run: Run) -> None:
    run.status, run.ended, run.canceling = "Canceled", azure.now(), False
    azure.store.put(run)


def resume(azure: Azure) -> None:
    """Go on with the runs that a restart interrupted."""
    for run in azure.store.all(Run):
        if run.active:
            _follow(azure, run)


def _follow(azure: Azure, run: Run) -> None:
    what = _wind_up(azure, run.key) if run.canceling else _carry_out(azure, run.key)
    task = asyncio.get_running_loop().create_task(what)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _wind_up(azure: Azure, key: str) -> None:
    await asyncio.sleep(azure.pace)
    run = azure.store.get(Run, key)
    if run is not None and run.active:
        _canceled(azure, run)


async def _carry_out(azure: Azure, key: str) -> None:
    await asyncio.sleep(azure.pace)
    run = azure.store.get(Run, key)
    if run is None or not run.active or run.canceling:
        return
    run.status = "InProgress"
    azure.store.put(run)
    await asyncio.sleep(azure.pace)
    run = azure.store.get(Run, key)
    if run is None or not run.active or run.canceling:
        return
    try:
        _scan(azure, run)
        run.status = "Succeeded"
    except ServiceError as error:
        run.status, run.reason_code, run.reason = "Failed", error.code, error.message
    run.ended = azure.now()
    azure.store.put(run)


def _scan(azure: Azure, run: Run) -> None:
    account = account_named(azure, run.account)
    scan = azure.store.get(DataMapObject, f"{run.account}/{run.scan}")
    if account is None or scan is None:
        raise ServiceError(404, "ResourceNotFound", f"The scan {run.scan} is gone.")
    source = object_at(azure, run.account, run.scan.split("/scans/")[0])
    key = read_key(azure, account, scan.body)
    need_app_roles(azure, account)
    since = str(value_at(scan.body["properties"], CHATGPT.since) or run.started)
    workspace = open_workspace(azure, key, source.body)
    found = [c for c in workspace.conversations if c.created >= since]
    run.users = len({c.user for c in found})
    # The organisation itself is an asset too: found and ingested, never classified.
    run.discovered = run.ingested = len(found) + 1
    run.classified = len(found)
    take_in(azure, account, workspace.id, run.id, found)


_SCAN = "/scan/datasources/{source}/scans/{scan}"
OPERATIONS = [
    Operation("POST", _SCAN + ":run", start),
    Operation("POST", _SCAN + "/run", start),
    Operation("GET", _SCAN + "/runs", list_runs),
    Operation("POST", _SCAN + "/runs/{run}:cancel", cancel),
    Operation("POST", _SCAN + "/runs/{run}/:cancel", cancel),
    Operation("PUT", _SCAN + "/runs/{run}", start),
    Operation("GET", _SCAN + "/runs/{run}", get_run),
]
