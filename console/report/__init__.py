"""Snapshots, plans and runs as JSON for scripts and as plain lines for people: pure functions."""
