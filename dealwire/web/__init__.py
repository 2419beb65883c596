"""The page and the JSON API: one FastAPI app, everything served from this machine."""
