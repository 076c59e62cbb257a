"""Guidance: the decision tree, the evidence beside its questions, and what its leaves lead to."""
