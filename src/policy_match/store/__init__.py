"""The library in a database: what is known of whom since when, and what was done."""
