"""Commands of the site as a whole: starting and supervising it."""
