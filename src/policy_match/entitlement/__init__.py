"""Entitlement: verdict, provenance and benefit in; the way to the money and the case that proves it out."""
