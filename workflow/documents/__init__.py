"""The bytes of documents: drawn by typst, sealed by pyHanko, checked by both's rules.

Nothing here decides: facts come from `workflow.domain`, frozen by the act that asked for the
document. typst, pyHanko and segno are known to this package only.
"""
