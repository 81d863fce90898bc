"""The pictures of docs/execution.md, drawn from the plans of the flows that stand beside them."""
