"""Facts: what is known of a subject, from which register and since when; what is not known, and why."""
