"""Exchange: files in and out. Good rows go in, bad rows come back with row, column, value, code and hint."""
