"""Says what happened: the run's result, its audit records and its rendering."""
