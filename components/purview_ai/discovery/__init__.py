"""Learns a connector's wire names from a source and scan that somebody registered by hand; it only looks."""
