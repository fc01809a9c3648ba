"""Monthly figures of a project after completion: what they are, what is expected, what is wrong with them."""
