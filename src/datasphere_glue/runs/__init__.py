"""The one story: an event becomes a job, the job a run, the run is kept and announced."""
