"""Where signals come from (the probe, golden questions, the call log, metrics, other systems) and what they say."""
