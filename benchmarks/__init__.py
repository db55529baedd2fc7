"""Speed and memory as ratios to a limit, measured in one run; nothing here is a test."""
