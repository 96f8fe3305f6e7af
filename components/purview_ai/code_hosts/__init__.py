"""Where pull requests are: comments, approvals and issues of GitHub and of Azure DevOps."""
