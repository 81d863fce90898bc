"""Pytest fixtures of the journeys."""
