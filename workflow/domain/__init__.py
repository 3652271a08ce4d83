"""The procedure's nouns: one file each, with its table, its rules and its verbs.

Verbs record facts and refuse what is illegal; what comes next is drawn in the diagrams.
"""
