"""The ground floor: where built files lie, how they are named, and how a release is opened.

Here: paths, slugs, digests, immutable store files, the refresh lock, the release log.
Not here: what is in the files.
"""
