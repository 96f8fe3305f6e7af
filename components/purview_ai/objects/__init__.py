"""What the object kinds of any API share: wishes, their comparison, their lifecycle, their failures. No Pulumi."""
