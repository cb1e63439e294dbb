"""The desk: reading a release for people. Here: what the verbs list and how it looks in a terminal. Nothing is built."""
