"""Checks of the artefact and the stack, for developers and CI; never packaged."""
