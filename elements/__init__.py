"""The inventory: elements, profiles, groups, settings and credentials; which of them a flow selects."""
