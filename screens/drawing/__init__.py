"""From snapshots, plans and runs to lines of text: pure functions, without Textual."""
