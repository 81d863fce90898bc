"""Flows over REST. Views translate: parse, one call, answer."""
