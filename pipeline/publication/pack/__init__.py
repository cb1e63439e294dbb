"""The audit pack: a release with all that is needed to count it again. docs/audit-pack.md has the layout."""
