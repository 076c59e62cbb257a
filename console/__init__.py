"""The rollback console without a screen: everything here runs headless."""
