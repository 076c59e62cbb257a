"""The service's own databases, through SQLAlchemy: short transactions, bounded waits, errors as sentences."""
