"""What is declared around the scan."""
