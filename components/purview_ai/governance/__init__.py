"""What is declared around the scan; nothing here touches a source or a scan."""
