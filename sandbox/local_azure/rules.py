"""The rules that the sandbox enforces: what each says, the fact behind it, and the test that needs it.

``tests/sandbox/test_rules.py`` runs each of those tests with its rule off and expects it to fail, so that no
rule stands here unproved. Facts are those of ``docs/facts.md``; where a rule says more than a fact, its mark is
``inferred``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Mark(StrEnum):
    """How sure it is that the real service behaves like this, in the words of ``docs/facts.md``."""

    DOCUMENTED = "documented"
    SOURCE = "source"
    OBSERVED = "observed"
    INFERRED = "inferred"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Rule:
    """One behaviour of a service that a deployment can run into."""

    name: str
    says: str
    fact: str
    """Where ``docs/facts.md`` has it: part and number."""
    mark: Mark
    test: str
    """The test that must fail when the rule is off, as a pytest node id below ``tests/sandbox``."""


_SIGN_IN = (
    Rule(
        "client-secret",
        "An application signs in with a secret of its own and with no other.",
        "assumed 2",
        Mark.DOCUMENTED,
        "test_sign_in.py::test_a_wrong_client_secret_gets_no_token",
    ),
    Rule(
        "token-audience",
        "A token opens the service that it was issued for and no other.",
        "purview 1",
        Mark.DOCUMENTED,
        "test_sign_in.py::test_a_token_opens_the_one_service_that_it_is_for",
    ),
    Rule(
        "own-cloud",
        "A tenant is in one cloud: no other signs its applications in, and has its vaults and accounts.",
        "graph 6",
        Mark.DOCUMENTED,
        "test_clouds.py::test_a_tenant_is_in_one_cloud",
    ),
    Rule(
        "api-versions",
        "A request names an api-version that the service has; in ARM, one that has the form of a date.",
        "assumed 5",
        Mark.INFERRED,
        "test_data_map.py::test_the_data_map_wants_an_api_version_that_it_has",
    ),
    Rule(
        "propagation",
        "A fresh role assignment, app role or identity is not seen at once.",
        "purview 6.6",
        Mark.OBSERVED,
        "test_resource_manager.py::test_a_fresh_role_is_not_seen_while_it_propagates",
    ),
)

_ARM = (
    Rule(
        "arm-roles",
        "ARM does what a caller's role assignments allow on the scope or above it.",
        "graph 2.1",
        Mark.DOCUMENTED,
        "test_resource_manager.py::test_a_stranger_may_not_even_look",
    ),
    Rule(
        "subscription-of-the-tenant",
        "A token opens the subscriptions of its own tenant.",
        "assumed 6",
        Mark.OBSERVED,
        "test_others.py::test_an_account_of_another_tenant_is_refused_before_anything_else",
    ),
    Rule(
        "group-must-exist",
        "A resource is made in a resource group that exists.",
        "assumed 6",
        Mark.INFERRED,
        "test_resource_manager.py::test_nothing_is_made_in_a_resource_group_that_does_not_exist",
    ),
    Rule(
        "role-assignment-exists",
        "The same role for the same principal on the same scope is given once, under one name.",
        "graph 2.1",
        Mark.OBSERVED,
        "test_resource_manager.py::test_the_same_grant_under_another_name_is_a_conflict",
    ),
    Rule(
        "role-assignment-is-fixed",
        "A role assignment can be removed and not be changed.",
        "assumed 8",
        Mark.INFERRED,
        "test_resource_manager.py::test_a_role_assignment_cannot_be_changed",
    ),
    Rule(
        "principal-must-exist",
        "A role goes to a principal that the directory knows, unless the request states the principal's type.",
        "assumed 8",
        Mark.INFERRED,
        "test_resource_manager.py::test_a_principal_that_has_not_arrived_must_be_announced_by_its_type",
    ),
    Rule(
        "role-conditions",
        "Who holds Key Vault Data Access Administrator gives and takes roles of key vaults, and no others.",
        "graph 112",
        Mark.DOCUMENTED,
        "test_managed_identities.py::test_who_administers_data_access_gives_no_other_role",
    ),
    Rule(
        "role-names-are-unique",
        "A role that somebody makes has a name that no other role of the directory has.",
        "graph 180",
        Mark.DOCUMENTED,
        "test_role_definitions.py::test_a_roles_name_is_taken_once",
    ),
    Rule(
        "role-scopes",
        "A role that somebody made is given on its assignable scopes and below, and nowhere else.",
        "graph 180",
        Mark.DOCUMENTED,
        "test_role_definitions.py::test_a_role_is_given_on_its_scopes_and_nowhere_else",
    ),
    Rule(
        "role-scopes-linked",
        "Whoever makes or deletes a role may do so on each scope on which it can be given.",
        "graph 180",
        Mark.DOCUMENTED,
        "test_role_definitions.py::test_who_makes_a_role_needs_the_right_on_all_its_scopes",
    ),
    Rule(
        "role-in-use-stays",
        "A role that somebody holds cannot be deleted.",
        "graph 180",
        Mark.DOCUMENTED,
        "test_role_definitions.py::test_a_role_that_somebody_holds_stays",
    ),
    Rule(
        "federated-subject",
        "A token of another issuer opens an identity with a credential of that issuer, subject and audience.",
        "graph 111",
        Mark.DOCUMENTED,
        "test_managed_identities.py::test_a_token_that_fits_no_credential_opens_nothing",
    ),
    Rule(
        "federated-once",
        "An identity has one federated credential of an issuer and a subject.",
        "graph 110",
        Mark.DOCUMENTED,
        "test_managed_identities.py::test_an_issuer_and_a_subject_stand_once",
    ),
    Rule(
        "storage-names-are-global",
        "A storage account's name is taken once in all of Azure.",
        "graph 113",
        Mark.DOCUMENTED,
        "test_blob_storage.py::test_an_accounts_name_is_taken_once",
    ),
    Rule(
        "storage-firewall",
        "A storage account answers those whom its network rules let in.",
        "graph 113",
        Mark.DOCUMENTED,
        "test_blob_storage.py::test_a_closed_firewall_refuses_who_has_the_role",
    ),
    Rule(
        "blob-roles",
        "Who reads or writes blobs holds a data role on the container or above it.",
        "graph 113",
        Mark.DOCUMENTED,
        "test_blob_storage.py::test_a_role_on_one_container_opens_no_other",
    ),
    Rule(
        "diagnostics-need-a-destination",
        "A diagnostic setting says where the logs go.",
        "assumed 17",
        Mark.INFERRED,
        "test_resource_manager.py::test_a_diagnostic_setting_without_a_destination_is_refused",
    ),
    Rule(
        "workspace-must-exist",
        "A diagnostic setting's Log Analytics workspace exists.",
        "assumed 58",
        Mark.INFERRED,
        "test_log_analytics.py::test_a_setting_to_a_workspace_that_is_not_there_is_refused",
    ),
    Rule(
        "workspace-access",
        "Who makes a diagnostic setting may use the workspace's keys.",
        "graph 2.4",
        Mark.OBSERVED,
        "test_log_analytics.py::test_who_may_not_use_the_workspace_cannot_send_logs_there",
    ),
    Rule(
        "alert-rule-form",
        "A log search alert rule has what its kind needs, in the words of its description.",
        "graph 16",
        Mark.DOCUMENTED,
        "test_alert_rules.py::test_a_rule_says_all_that_its_kind_needs_in_the_services_words",
    ),
    Rule(
        "alert-rule-times",
        "An alert rule's times are some that Azure names.",
        "graph 16",
        Mark.OBSERVED,
        "test_alert_rules.py::test_a_rules_times_are_some_that_azure_names",
    ),
    Rule(
        "alert-rule-look-back",
        "An alert rule looks back as far as it pauses, and not further than two days.",
        "graph 16",
        Mark.DOCUMENTED,
        "test_alert_rules.py::test_a_rule_looks_back_as_far_as_it_pauses_and_two_days_at_most",
    ),
    Rule(
        "alert-rule-stateful",
        "An alert rule that resolves its alerts is evaluated at least every 12 hours.",
        "graph 16",
        Mark.DOCUMENTED,
        "test_alert_rules.py::test_a_daily_rule_does_not_resolve_its_alerts",
    ),
    Rule(
        "alert-rule-reads",
        "Who makes an alert rule may read what it searches and whom it tells.",
        "graph 16",
        Mark.DOCUMENTED,
        "test_alert_rules.py::test_who_may_not_read_what_a_rule_names_cannot_make_it",
    ),
    Rule(
        "alert-rule-scope-must-exist",
        "The workspace that an alert rule searches exists.",
        "assumed 79",
        Mark.INFERRED,
        "test_alert_rules.py::test_a_rule_searches_a_workspace_that_exists",
    ),
)

_ACCOUNTS = (
    Rule(
        "account-names",
        "A Purview account's name has 3 to 63 letters, digits and single hyphens.",
        "purview 2",
        Mark.DOCUMENTED,
        "test_accounts.py::test_an_accounts_name_keeps_to_its_form",
    ),
    Rule(
        "account-names-are-global",
        "A Purview account's name is taken once.",
        "purview 4",
        Mark.DOCUMENTED,
        "test_accounts.py::test_a_name_that_is_taken_is_not_available",
    ),
    Rule(
        "one-account-per-tenant",
        "A tenant has one Purview account; meters of pay-as-you-go do not count.",
        "purview 4",
        Mark.OBSERVED,
        "test_accounts.py::test_a_tenant_has_one_account",
    ),
)

_KEY_VAULT = (
    Rule(
        "vault-names",
        "A vault's name has 3 to 24 letters, digits and single hyphens and begins with a letter.",
        "graph 2.2",
        Mark.DOCUMENTED,
        "test_vaults.py::test_a_vaults_name_has_3_to_24_letters_digits_and_single_hyphens",
    ),
    Rule(
        "vault-names-are-global",
        "A vault's name is taken once in the world.",
        "graph 2.2",
        Mark.DOCUMENTED,
        "test_vaults.py::test_a_vaults_name_is_taken_everywhere_in_the_world",
    ),
    Rule(
        "deleted-vault-keeps-its-name",
        "A soft-deleted vault keeps its name until it is recovered or purged.",
        "graph 2.2",
        Mark.OBSERVED,
        "test_vaults.py::test_a_deleted_vault_keeps_its_name",
    ),
    Rule(
        "recover-needs-a-deleted-vault",
        "Only a soft-deleted vault can be recovered.",
        "graph 2.2",
        Mark.OBSERVED,
        "test_vaults.py::test_only_a_deleted_vault_can_be_recovered",
    ),
    Rule(
        "purge-protection",
        "Purge protection is irreversible: it stays on, and nothing of the vault can be purged.",
        "graph 2.2",
        Mark.DOCUMENTED,
        "test_vaults.py::test_purge_protection_is_for_ever",
    ),
    Rule(
        "retention-is-fixed",
        "How long deleted things are kept is said when a vault is made and not changed afterwards.",
        "graph 2.2",
        Mark.DOCUMENTED,
        "test_vaults.py::test_how_long_deleted_things_are_kept_is_said_once",
    ),
    Rule(
        "grants-go-with-the-vault",
        "A vault's role assignments go when it is soft-deleted, and recovering it does not bring them back.",
        "graph 2.2",
        Mark.DOCUMENTED,
        "test_vaults.py::test_a_recovered_vault_has_its_secrets_and_not_its_grants",
    ),
    Rule(
        "vault-access",
        "A vault is opened by role assignments or by access policies, whichever of the two it is set to, never both.",
        "graph 2.1",
        Mark.DOCUMENTED,
        "test_vaults.py::test_a_vault_with_roles_is_opened_by_a_role_and_not_by_a_policy",
    ),
    Rule(
        "vault-firewall",
        "A closed vault keeps out who does not come from a listed address; ARM's own secrets pass it by.",
        "graph 2.3",
        Mark.DOCUMENTED,
        "test_vaults.py::test_a_closed_vault_lets_its_secrets_be_written_through_arm_only",
    ),
    Rule(
        "trusted-services-bypass",
        "Purview comes into a closed vault as a trusted service, where the vault lets these pass.",
        "graph 2.2",
        Mark.DOCUMENTED,
        "test_runs.py::test_a_closed_vault_lets_purview_in_as_a_trusted_service_only",
    ),
    Rule(
        "purview-lists-secrets",
        "In a vault with access policies, Purview's identity needs List as well as Get.",
        "purview 2.1",
        Mark.DOCUMENTED,
        "test_existing_vaults.py::test_an_access_policy_must_let_purview_list_too",
    ),
    Rule(
        "deleted-secret-keeps-its-name",
        "A soft-deleted secret keeps its name until it is recovered or purged.",
        "providers 40",
        Mark.SOURCE,
        "test_vaults.py::test_a_deleted_secret_keeps_its_name_until_it_is_recovered_or_purged",
    ),
    Rule(
        "secret-version",
        "A version of a secret is given out while it exists and is enabled.",
        "graph 2.3",
        Mark.DOCUMENTED,
        "test_vaults.py::test_a_version_that_does_not_exist_or_is_disabled_is_not_given_out",
    ),
)

_GRAPH = (
    Rule(
        "graph-permissions",
        "Graph does what the application permissions in the caller's token allow.",
        "graph 1.2",
        Mark.DOCUMENTED,
        "test_graph.py::test_graph_is_closed_without_an_application_permission",
    ),
    Rule(
        "application-must-exist",
        "A service principal is made of an application that there is.",
        "providers 63",
        Mark.SOURCE,
        "test_graph.py::test_a_service_principal_needs_its_application",
    ),
    Rule(
        "grant-exists",
        "The same app role is granted to the same principal once.",
        "graph 1.3",
        Mark.OBSERVED,
        "test_graph.py::test_a_second_grant_of_the_same_role_is_refused_from_both_sides",
    ),
    Rule(
        "app-role-of-the-resource",
        "An app role can be granted of the application that has it.",
        "assumed 18",
        Mark.INFERRED,
        "test_graph.py::test_an_app_role_of_another_resource_cannot_be_granted",
    ),
    Rule(
        "graph-filter-values",
        "A filter of users has 15 expressions at most.",
        "graph 10",
        Mark.DOCUMENTED,
        "test_graph_users.py::test_a_filter_has_15_expressions_at_most",
    ),
    Rule(
        "policy-permissions",
        "Who changes a Conditional Access policy needs both permissions, and who looks at one needs the first.",
        "graph 20",
        Mark.DOCUMENTED,
        "test_conditional_access.py::test_a_policy_needs_two_permissions_to_change_and_one_to_see",
    ),
    Rule(
        "policy-applications-exist",
        "A Conditional Access policy names applications that have a service principal in the tenant.",
        "graph 21",
        Mark.OBSERVED,
        "test_conditional_access.py::test_an_application_without_a_service_principal_is_refused",
    ),
    Rule(
        "policy-people-exist",
        "A Conditional Access policy names users and groups that there are.",
        "assumed 90",
        Mark.INFERRED,
        "test_conditional_access.py::test_people_who_are_not_there_cannot_be_left_out",
    ),
    Rule(
        "policy-has-controls",
        "A Conditional Access policy demands something.",
        "assumed 90",
        Mark.INFERRED,
        "test_conditional_access.py::test_a_policy_demands_something",
    ),
    Rule(
        "role-assignable-group",
        "A directory role is given to a group that is assignable to roles.",
        "graph 22",
        Mark.DOCUMENTED,
        "test_groups_and_roles.py::test_a_role_is_given_to_a_group_that_was_made_for_it",
    ),
    Rule(
        "role-assignable-needs-role-management",
        "Who makes a group that is assignable to roles, or changes one, may manage roles.",
        "graph 22",
        Mark.DOCUMENTED,
        "test_groups_and_roles.py::test_a_group_for_roles_takes_the_right_to_manage_roles",
    ),
    Rule(
        "audit-search-cloud",
        "The audit search is in the public cloud alone.",
        "graph 14",
        Mark.DOCUMENTED,
        "test_audit_search.py::test_other_clouds_have_no_audit_search",
    ),
    Rule(
        "audit-query-succeeded",
        "The records of a query can be had once it has succeeded.",
        "assumed 74",
        Mark.INFERRED,
        "test_audit_search.py::test_records_can_be_had_once_the_query_has_succeeded",
    ),
    Rule(
        "ediscovery-cloud",
        "Graph's eDiscovery is not in China's cloud.",
        "graph 30",
        Mark.DOCUMENTED,
        "test_ediscovery.py::test_chinas_cloud_has_no_ediscovery",
    ),
    Rule(
        "ediscovery-authorised",
        "An application that compliance PowerShell has not let in is refused, whatever Graph permission it holds.",
        "graph 31",
        Mark.DOCUMENTED,
        "test_ediscovery.py::test_an_application_must_be_let_in_besides",
    ),
    Rule(
        "ediscovery-case-name",
        "A case's name is there once in a tenant.",
        "graph 32",
        Mark.DOCUMENTED,
        "test_ediscovery.py::test_a_name_of_a_case_is_there_once",
    ),
    Rule(
        "ediscovery-search-of-its-case",
        "A search is found below its own case alone.",
        "assumed 102",
        Mark.INFERRED,
        "test_ediscovery.py::test_a_search_is_found_below_its_own_case_alone",
    ),
)

_DATA_MAP = (
    Rule(
        "purview-roles",
        "The Data Map does what a caller's roles on the collection or above it allow.",
        "purview 2.11",
        Mark.DOCUMENTED,
        "test_data_map.py::test_the_data_map_is_closed_without_a_role",
    ),
    Rule(
        "names",
        "An object's name has 3 to 63 letters, digits and single hyphens; the real service may be laxer.",
        "purview 2",
        Mark.DOCUMENTED,
        "test_data_map.py::test_a_name_has_3_to_63_letters_digits_and_single_hyphens",
    ),
    Rule(
        "put-replaces",
        "PUT replaces the whole object and merges nothing.",
        "purview 2",
        Mark.DOCUMENTED,
        "test_data_map.py::test_put_replaces_the_whole_object",
    ),
    Rule(
        "known-kinds",
        "A kind that the Data Map does not know is refused.",
        "assumed 23",
        Mark.INFERRED,
        "test_data_map.py::test_a_guessed_kind_is_refused",
    ),
    Rule(
        "known-properties",
        "A property that the connector does not know is refused.",
        "assumed 23",
        Mark.INFERRED,
        "test_data_map.py::test_a_guessed_property_is_refused",
    ),
    Rule(
        "references-must-exist",
        "A credential's Key Vault connection and a scan's credential exist.",
        "assumed 24",
        Mark.INFERRED,
        "test_data_map.py::test_a_reference_must_lead_somewhere",
    ),
    Rule(
        "collection-must-exist",
        "A data source or a scan names a collection that exists, a collection below another one that or a domain.",
        "purview 2.3",
        Mark.OBSERVED,
        "test_data_map.py::test_a_data_source_without_its_collection_is_not_found",
    ),
    Rule(
        "source-must-exist",
        "A scan belongs to a data source that exists.",
        "assumed 24",
        Mark.INFERRED,
        "test_data_map.py::test_a_scan_needs_its_data_source",
    ),
    Rule(
        "duplicate-target",
        "A workspace is registered once, whatever the data source is called.",
        "purview 2.3",
        Mark.OBSERVED,
        "test_data_map.py::test_a_workspace_can_be_registered_once",
    ),
    Rule(
        "in-use",
        "What something else refers to cannot be deleted; the real service may let it go and fail later.",
        "assumed 25",
        Mark.INFERRED,
        "test_data_map.py::test_what_something_else_needs_cannot_be_deleted",
    ),
    Rule(
        "trigger-values",
        "A trigger has the described names and values: frequency, interval, level, days, hours, minutes.",
        "assumed 40",
        Mark.INFERRED,
        "test_triggers.py::test_a_trigger_keeps_to_what_is_described",
    ),
    Rule(
        "normal-form",
        "A trigger's times come back in UTC without zeros at their end, and its lists in their natural order.",
        "purview 6.7",
        Mark.OBSERVED,
        "test_triggers.py::test_times_and_lists_come_back_in_another_form_than_they_were_sent",
    ),
    Rule(
        "collection-names",
        "A new collection's name is 3 to 36 small letters, digits and hyphens.",
        "purview 2.10",
        Mark.OBSERVED,
        "test_collections.py::test_a_collections_name_is_short_and_in_small_letters",
    ),
    Rule(
        "collection-ready",
        "A data source or scan is put into a collection that is neither being made nor moved.",
        "assumed 28",
        Mark.INFERRED,
        "test_collections.py::test_a_collection_takes_nothing_in_until_it_is_ready",
    ),
    Rule(
        "collection-tree",
        "A collection is not moved below itself.",
        "assumed 28",
        Mark.INFERRED,
        "test_collections.py::test_a_collection_is_not_moved_below_itself",
    ),
    Rule(
        "five-domains",
        "An account has five domains at most, the default one among them.",
        "purview 2.10",
        Mark.DOCUMENTED,
        "test_domains.py::test_an_account_has_five_domains_at_most",
    ),
    Rule(
        "domain-must-exist",
        "A scan's domain exists.",
        "assumed 54",
        Mark.INFERRED,
        "test_domains.py::test_a_scans_domain_must_exist",
    ),
    Rule(
        "collection-in-use",
        "A collection that something refers to cannot be deleted.",
        "purview 2.10",
        Mark.OBSERVED,
        "test_collections.py::test_a_collection_that_is_referred_to_cannot_be_deleted",
    ),
    Rule(
        "root-collection-stays",
        "A collection of the system's own cannot be deleted.",
        "purview 2.10",
        Mark.OBSERVED,
        "test_collections.py::test_the_root_collection_has_the_accounts_name_and_stays",
    ),
    Rule(
        "young-policy",
        "A new collection's policy holds the administrators' rule and no other role's.",
        "purview 2.11",
        Mark.DOCUMENTED,
        "test_collections.py::test_a_young_policy_knows_its_administrators_only",
    ),
    Rule(
        "policy-is-sent-whole",
        "A policy is replaced as a whole, so it is sent as a whole.",
        "assumed 28",
        Mark.INFERRED,
        "test_collections.py::test_a_policy_is_sent_whole",
    ),
)

_RUNS = (
    Rule(
        "connection-test",
        "Testing a connection reads the key from the vault and shows it to the vendor, as a run would.",
        "assumed 46",
        Mark.INFERRED,
        "test_connectivity.py::test_a_revoked_key_is_the_vendors_refusal",
    ),
    Rule(
        "one-active-run",
        "A scan has one active run at a time.",
        "purview 2.7",
        Mark.OBSERVED,
        "test_runs.py::test_while_a_run_goes_on_no_other_one_starts",
    ),
    Rule(
        "run-id-is-a-guid",
        "A run's id is a GUID; anything else is an unknown error.",
        "purview 2.7",
        Mark.OBSERVED,
        "test_runs.py::test_a_run_id_must_be_a_guid",
    ),
    Rule(
        "grant-process-conversations",
        "A run needs the app role Purview.ProcessConversationMessages.All.",
        "graph 0.2",
        Mark.DOCUMENTED,
        "test_runs.py::test_without_the_purview_app_role_a_run_fails_and_names_it",
    ),
    Rule(
        "grant-user-read-all",
        "A run needs the app role User.Read.All of Microsoft Graph.",
        "graph 0.2",
        Mark.DOCUMENTED,
        "test_runs.py::test_without_the_graph_app_role_a_run_fails_and_names_it",
    ),
    Rule(
        "vendor-key",
        "The vendor takes the keys that it knows and has not revoked.",
        "graph 4",
        Mark.OBSERVED,
        "test_vendor.py::test_an_unknown_or_revoked_key_is_refused",
    ),
    Rule(
        "vendor-key-of-the-workspace",
        "A vendor's key opens its own workspace.",
        "graph 4",
        Mark.OBSERVED,
        "test_vendor.py::test_a_key_does_not_open_another_workspace",
    ),
)

_VENDORS = (
    Rule(
        "vendor-key-kind",
        "A key of OpenAI's platform opens no compliance API.",
        "graph 4",
        Mark.OBSERVED,
        "test_vendor.py::test_a_key_of_the_platform_is_the_wrong_kind",
    ),
    Rule(
        "vendor-scope",
        "A compliance key works once OpenAI has set its scope.",
        "graph 4",
        Mark.DOCUMENTED,
        "test_vendor.py::test_a_key_whose_scope_is_not_approved_yet_opens_nothing",
    ),
    Rule(
        "claude-key",
        "Anthropic takes the keys that it knows and has not revoked.",
        "graph 4",
        Mark.DOCUMENTED,
        "test_claude.py::test_an_unknown_or_revoked_key_is_refused",
    ),
    Rule(
        "claude-version",
        "A request to Anthropic names the version of the API.",
        "graph 4",
        Mark.DOCUMENTED,
        "test_claude.py::test_a_request_names_its_version",
    ),
    Rule(
        "claude-key-kind",
        "A compliance access key opens all of Anthropic's compliance API, an admin key its activities, others nothing.",
        "graph 4",
        Mark.DOCUMENTED,
        "test_claude.py::test_keys_of_other_kinds_open_less",
    ),
    Rule(
        "claude-scope",
        "A compliance access key does what its scopes allow.",
        "graph 4",
        Mark.DOCUMENTED,
        "test_claude.py::test_a_scope_that_is_missing_is_named",
    ),
)

_CODE_HOSTS = (
    Rule(
        "github-token",
        "GitHub takes the tokens that it knows.",
        "graph 90",
        Mark.DOCUMENTED,
        "test_code_hosts.py::test_github_takes_the_tokens_that_it_knows",
    ),
    Rule(
        "github-request-token",
        "A job on GitHub asks for a token about itself and about no other job.",
        "graph 170",
        Mark.INFERRED,
        "test_github_jobs.py::test_a_job_is_told_of_itself_alone",
    ),
    Rule(
        "github-permissions",
        "A workflow's token does what the permissions of its job allow.",
        "graph 91",
        Mark.DOCUMENTED,
        "test_code_hosts.py::test_a_workflows_token_does_what_its_job_asked_for",
    ),
    Rule(
        "github-comment-length",
        "A comment on GitHub has 65536 characters at most.",
        "graph 92",
        Mark.OBSERVED,
        "test_code_hosts.py::test_a_comment_that_is_too_long_is_refused",
    ),
    Rule(
        "github-graphql-page",
        "A list of GitHub's GraphQL has pages of 100 entries at most.",
        "graph 140",
        Mark.DOCUMENTED,
        "test_code_hosts.py::test_a_list_of_graphql_has_pages",
    ),
    Rule(
        "devops-token",
        "Azure DevOps takes the tokens that it knows.",
        "graph 100",
        Mark.DOCUMENTED,
        "test_code_hosts.py::test_azure_devops_takes_the_tokens_that_it_knows",
    ),
    Rule(
        "devops-contributes",
        "Who may not contribute to pull requests writes no comment and no work item.",
        "graph 101",
        Mark.DOCUMENTED,
        "test_code_hosts.py::test_a_pipeline_that_may_not_contribute_writes_nothing",
    ),
    Rule(
        "devops-comment-length",
        "A comment on Azure DevOps has 150000 characters at most.",
        "graph 102",
        Mark.OBSERVED,
        "test_code_hosts.py::test_a_comment_that_is_too_long_is_refused_by_azure_devops",
    ),
)

RULES: tuple[Rule, ...] = (
    *_SIGN_IN,
    *_ARM,
    *_ACCOUNTS,
    *_KEY_VAULT,
    *_GRAPH,
    *_DATA_MAP,
    *_RUNS,
    *_VENDORS,
    *_CODE_HOSTS,
)


class Rules:
    """Which rules are on."""

    def __init__(self, off: Iterable[str] = ()) -> None:
        """All but these; an unknown name is an error."""
        self._off = frozenset(off)
        unknown = self._off - {rule.name for rule in RULES}
        if unknown:
            msg = f"no such rule: {', '.join(sorted(unknown))}"
            raise ValueError(msg)

    def on(self, name: str) -> bool:
        """Whether the rule is enforced."""
        return name not in self._off
