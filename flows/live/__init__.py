"""Runs as they happen: events and the matrix over WebSocket."""
