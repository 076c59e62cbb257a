"""The only place that imports azure.*: credentials, the read client and the action client."""
