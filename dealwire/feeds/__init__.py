"""Fetching and reading feeds and pages."""
