"""What was read, as frozen values: types, catalog, API, problems. Nothing here reads, names or prints."""
