# What local and tests use of moto. Its own 670 modules, and what they import, took a third of the
# time of a type check.
