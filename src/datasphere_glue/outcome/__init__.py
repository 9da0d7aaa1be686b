"""What a run was: its values, its status, its costs."""
