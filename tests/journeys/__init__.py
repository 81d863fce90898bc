"""Journeys: the real `up`, used from outside, as a person or a tool would."""
