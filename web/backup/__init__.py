"""Backups: every row and every file in one archive, checked before and after it is brought back."""
