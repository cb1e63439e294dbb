"""The desk: reading a release for people.

Here: what the verbs list, how it looks in a terminal, the generated documents. Nothing is built here.
"""
