"""The words of the field as plain data and pure functions: no input, no output, no Azure, no Textual."""
