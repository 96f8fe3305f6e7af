"""What surrounds the scan in Microsoft 365."""
