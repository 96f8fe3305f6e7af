"""Entra, through Microsoft Graph: who holds which app role."""
