"""Flows: what runs over elements, how it runs, and how people follow it."""
