"""From nothing to a configuration that works: what is asked, proposed, written and checked."""
