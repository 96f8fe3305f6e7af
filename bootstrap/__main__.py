"""State, keys and identities of the tenants' pipelines."""

import pulumi
from purview_ai import Pipelines, settings

pipelines = Pipelines("pipelines", settings.of_bootstrap_stack())
pulumi.export("lines", pipelines.lines)
pulumi.export("environments", pipelines.environments)
pulumi.export("remaining", pipelines.remaining)
