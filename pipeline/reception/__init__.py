"""Reception: what arrives becomes a disclosure in raw/, once a person has answered what it leaves open.

Here: unpacking, the facts of a letter, drafts of manifests, the inbox. Not here: reading the files (intake), and
whether their figures can be published (publication).
"""
