"""Blocks and Python text, both ways, from one table: ``catalog`` says what a block is, ``codec`` is the door."""
