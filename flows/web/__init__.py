"""The pages in the browser. Views translate: parse, one call, answer; what they show comes from queries."""
