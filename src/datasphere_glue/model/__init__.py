"""Pure words: what SAP says, what Glue shall hold, and what a run is asked to look at."""
