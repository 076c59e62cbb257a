"""The console as lines and numbered questions, for terminals and people that a screen does not serve."""
