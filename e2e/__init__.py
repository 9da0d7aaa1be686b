"""The stack of template.yaml, deployed to an emulator of AWS on this machine and put to work.

`make e2e` runs the tests of this folder; `make test` does not include them.
"""
