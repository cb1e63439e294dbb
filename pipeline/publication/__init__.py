"""Publication: from store files to a release, and what leaves the house.

Here: the build of all stages, the checks, the release, exports. Not here: Dagster, and reading for people (desk, cli).
"""
