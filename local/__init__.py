"""Embedded tenant and catalog for demo, tests and benchmarks; never packaged."""
