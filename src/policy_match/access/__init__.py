"""Who may see and do what: pure, of the matrix in rules/permissions.yaml; no clock, no database."""
