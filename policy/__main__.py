"""The policy pack, as the engine starts it."""

from purview_policy.pack import serve

serve()
