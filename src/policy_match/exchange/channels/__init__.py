"""The channels by which messages leave the house, a file each: each sends one letter and, where it can, tells whether it has it."""
