"""The report in a real browser: what people see, press and take away."""
