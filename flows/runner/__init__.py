"""Drives one run tree to its end: asyncio and ports, no Django."""
