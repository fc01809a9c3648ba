"""The service: pages for people and a JSON API, both thin doors to the workflows."""
