"""Benchmarks: `make bench`, or one of them with `make bench ONLY=engine`. They print tables and write JSON."""
