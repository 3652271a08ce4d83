"""What diagrams may call: each operation checks nothing, decides nothing, calls one verb."""
