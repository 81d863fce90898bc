"""How scripts run in a plan: every step succeeds at once, and what nobody knows yet is carried along (R40)."""
