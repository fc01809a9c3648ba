"""Reading an official page: what it says of itself, its clauses, and what each clause asks and gives. Pure; nothing is guessed."""
