"""YAML documents in and out: the written form of everything that an operator defines."""
