"""The one widget that draws lines, and what stands on it."""
