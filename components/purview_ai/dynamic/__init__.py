"""The Pulumi dynamic provider: a thin adapter over the Data Map's object kinds."""
