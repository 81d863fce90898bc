"""Reads for interfaces: bounded numbers of queries, plain values out."""
