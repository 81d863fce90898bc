"""The simulator: a seed makes flows, a fleet and a world full of trouble, and a run that is checked by chapter 2.

``docs/execution.md``, chapter "How we know", tells what is simulated and checked.
"""
