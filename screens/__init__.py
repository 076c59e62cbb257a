"""The console drawn with Textual: draws snapshots and plans, sends intents, decides nothing."""
