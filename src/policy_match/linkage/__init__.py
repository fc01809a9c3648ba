"""Linkage: which records of another department are which projects of the library, each answer a sum with its reasons."""
