"""The commands of `jalon`, one noun a file."""
