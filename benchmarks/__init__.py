"""Benchmarks: scripts that measure whole commands. Tests never assert absolute times; these report them."""
