"""What must survive a dead terminal: the run log, the lease, and what is known of each version."""
