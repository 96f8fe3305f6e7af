"""eDiscovery, through Microsoft Graph: cases and the searches in them. No Pulumi."""
