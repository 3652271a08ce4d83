"""Writes the drawing of a BPMN diagram from a grid of cells chosen by its author."""
