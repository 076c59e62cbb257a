"""The demo service's own database, files and repository: made, read and written by shells, never by the machine."""
