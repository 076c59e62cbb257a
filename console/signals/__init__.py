"""Where signals come from: the probe, and later the call log, metrics and golden questions."""
