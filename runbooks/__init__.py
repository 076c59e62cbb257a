"""Package data a team edits: decision tree, runbooks, drills."""
