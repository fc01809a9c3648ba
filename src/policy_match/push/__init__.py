"""What changed, told once to the right person: which changes are told, to whom, when, in which words. No clock, no I/O."""
