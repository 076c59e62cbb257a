"""One module per layer: it observes its state and proposes steps; it never writes."""
