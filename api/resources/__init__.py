"""The resources under `/api/v1`: each view parses, calls one door or one reader, and renders."""
