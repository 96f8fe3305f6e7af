"""What the gate stops, as data: see docs/pipelines.md, which lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from purview_ai.change import full_runs, keys, objects, protections, rights
from purview_ai.change.gate import GateRule
from purview_ai.change.preview import Action
from purview_ai.datamap.kinds import (
    COLLECTION,
    CREDENTIAL,
    DATA_SOURCE,
    KEY_VAULT_CONNECTION,
    RUN,
    SCAN,
    TRIGGER,
)
from purview_ai.drift.azure_types import (
    ACCOUNT,
    ALERT_RULE,
    DIAGNOSTIC_SETTING,
    RESOURCE_GROUP,
    SECRET,
    VAULT,
)
from purview_ai.governance.ediscovery.kinds import CASE, SEARCH
from purview_ai.vaults.secret import VAULT_SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from purview_ai.change.preview import Change

_ENDS = (
    (
        "vault",
        frozenset({VAULT, RESOURCE_GROUP}),
        "A vault goes with every key in it.",
        "No scan reads a key until there is a vault again, and one that cannot be purged keeps its name for 90 days.",
    ),
    (
        "account",
        frozenset({ACCOUNT}),
        "A Purview account goes with all that it knows.",
        "Whatever was captured and classified for the whole tenant is lost.",
    ),
    (
        "secret",
        frozenset({VAULT_SECRET.name, SECRET}),
        "The vendor shows a key only once.",
        "Scans fail until somebody has the vendor make a new key.",
    ),
    (
        "key-reference",
        frozenset({KEY_VAULT_CONNECTION.name, CREDENTIAL.name}),
        "A scan finds its key through it.",
        "Scans fail as long as it is not there.",
    ),
    (
        "source",
        frozenset({DATA_SOURCE.name}),
        "A data source goes with its scans and what they know.",
        "Nothing is captured until there is a new one, which captures everything a second time.",
    ),
    (
        "scan",
        frozenset({SCAN.name}),
        "A new scan begins anew.",
        "It captures every interaction since its day a second time, and the first copy stays.",
    ),
    (
        "trigger",
        frozenset({TRIGGER.name}),
        "Without it no incremental scan runs.",
        "What people say from then on is not captured until somebody starts a run.",
    ),
    (
        "grant",
        rights.GRANTS,
        "Whoever held this right may be working with it at this moment.",
        "Until it is given again scans fail, or people do not see what they have to see.",
    ),
    (
        "conditional-access",
        frozenset({objects.CONDITIONAL_ACCESS}),
        "People with insider risk are held back by this policy.",
        "They are not held back while it is gone.",
    ),
    (
        "diagnostics",
        frozenset({DIAGNOSTIC_SETTING}),
        "It writes down who read a key and how the runs went.",
        "What happens meanwhile is in no log and cannot be found out later.",
    ),
    (
        "alert",
        frozenset({ALERT_RULE}),
        "It tells people when capturing stops or a key expires.",
        "Nobody is told of a failure while it is gone.",
    ),
    (
        "case",
        frozenset({CASE.name, SEARCH.name}),
        "A case of eDiscovery goes with all that was found for it.",
        "Whoever investigates or must hand something over has nothing of it any more.",
    ),
)
"""What must not end by the way: a word for it, its types, and two sentences."""
_MADE_AGAIN = frozenset({RUN.name, COLLECTION.name})
"""What may end by the way: a run goes on where its scan stays, and Purview keeps a collection that holds something."""
_OTHER = (
    "Nobody has told the gate what hangs on such a resource.",
    "What is in it and whatever uses it may be lost.",
)
_ENDINGS = {
    Action.DELETE: ("delete", "would be deleted"),
    Action.REPLACE: ("replace", "would be deleted and made anew"),
}


def _endings() -> Iterator[GateRule]:
    for word, types, why, means in _ENDS:
        for action, (verb, told) in _ENDINGS.items():
            ends = _taken if (verb, word) == ("delete", "grant") else _ends(types, action, told)
            yield GateRule(f"{verb}-{word}", why, means, ends)
    for action, (verb, told) in _ENDINGS.items():
        yield GateRule(f"{verb}-other", *_OTHER, _others(action, told))


def _ends(types: frozenset[str], action: Action, told: str) -> Callable[[Change], str]:
    return lambda change: told if change.type in types and change.action is action else ""


def _others(action: Action, told: str) -> Callable[[Change], str]:
    named = frozenset[str]().union(_MADE_AGAIN, *(types for _, types, _, _ in _ENDS))

    def meets(change: Change) -> str:
        ends = change.type not in named and change.action is action
        return f"{told}; it is of the type {change.type}" if ends else ""

    return meets


def _taken(change: Change) -> str:
    """A right that goes by itself, or out of the list of a vault or a custom role."""
    _, told = _ENDINGS[Action.DELETE]
    return (
        _ends(rights.GRANTS, Action.DELETE, told)(change)
        or rights.taken_in_vault(change)
        or rights.taken_from_role(change)
    )


RULES = (
    *_endings(),
    GateRule(
        "purge-protection-off",
        "Purge protection, soft delete and versions keep what was deleted.",
        "Whoever may delete could destroy it for good: the vault and its keys, or the states.",
        protections.purge,
    ),
    GateRule(
        "firewall-open",
        "It keeps everybody out but the services and addresses that are named.",
        "A stolen token would be enough to read the key from anywhere, or Purview could not read it any more.",
        protections.firewall,
    ),
    GateRule(
        "protect-off",
        "Protection keeps a deployment from deleting it.",
        "The next change that takes it out of the program deletes it.",
        protections.protect,
    ),
    GateRule(
        "retain-off",
        "It is kept where it is when the stack lets go of it, because others use it, too.",
        "The next change that takes it out of the program deletes it for everybody.",
        protections.retain,
    ),
    GateRule(
        "release-adopted",
        "It was there before the stack, and survives it.",
        "The next destroy deletes what somebody else has made.",
        protections.release,
    ),
    GateRule(
        "weaken-conditional-access",
        "The policy would do less, or meet fewer people.",
        "People with insider risk get in where they are held back now.",
        protections.conditional_access,
    ),
    GateRule(
        "weaken-diagnostics",
        "Fewer logs would be kept, or elsewhere.",
        "Who read a key, or how a run went, cannot be found out later.",
        protections.diagnostics,
    ),
    GateRule(
        "weaken-alert",
        "The alert would tell fewer people, less often, or of less.",
        "A failure goes unseen, or is seen later.",
        protections.alert,
    ),
    GateRule(
        "switch-off",
        "It stays where it is, and does nothing any more.",
        "Whoever signs in as it or reads it is refused: scans fail until somebody switches it on.",
        protections.switched_off,
    ),
    GateRule(
        "move-expiry",
        "The vendor ends a key on its own day, whatever is written down here.",
        "The alert tells people at a wrong time or never, and then scans fail.",
        keys.moved_expiry,
    ),
    GateRule(
        "take-over-changed",
        "Somebody made it before the stack, and capturing may go by it today.",
        "What it was is gone: less may be captured than before, or nothing, and a destroy does not bring it back.",
        protections.taken_over,
    ),
    GateRule(
        "hidden-change",
        "A provider says that something changes which the preview does not show, such as within a secret.",
        "It may be any protection that is turned off.",
        protections.hidden,
    ),
    GateRule(
        "more-rights",
        "Somebody would be able to do more than before.",
        "Rights are seldom taken back: whoever has one today still has it next year.",
        rights.more,
        at_first=False,
    ),
    GateRule(
        "stop-trigger",
        "Switched off, the trigger starts no incremental scan.",
        "What people say from then on is not captured until somebody starts a run.",
        protections.trigger,
    ),
    GateRule(
        "slow-trigger",
        "The trigger would start fewer runs, or later ones.",
        "What people say is captured later, and what the vendor keeps for a shorter time than that is not captured.",
        protections.schedule,
    ),
    GateRule(
        "full-run",
        "A full run ingests everything again, as a new scan would.",
        "Each interaction since the scan's first day is captured a second time, and the first copy stays.",
        full_runs.full_run,
        unless=full_runs.of_a_new_scan,
    ),
    GateRule(
        "change-capture",
        "What a connector's own properties mean is not published.",
        "It may capture less than before, or something else, and nothing would say so.",
        protections.captured,
    ),
)
"""All of them, in the order in which they are told."""
