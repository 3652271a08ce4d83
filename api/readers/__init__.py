"""What the API reads: bounded, without a query per row, and only what the person may see."""
