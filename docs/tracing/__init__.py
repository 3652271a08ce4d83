"""Where each rule of the DSR lives in the project, and what shows that it holds.

`rules` reads the list, `places` and `examples` the tags, `oracles` the instants that scenarios
have to meet; `faults` compares them and `page` writes ``docs/conformity.md``.
"""
