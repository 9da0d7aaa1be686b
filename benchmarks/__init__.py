"""What the function costs, measured against what no program could go below."""
