"""What a tenant is found to be, link by link: before its first deployment, and ever after."""
