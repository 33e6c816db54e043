"""The first day on books that hold records already: who is who, certain links at once, the rest for a person.

In the order of a run: `registers` reads both systems, `propose` compares them, `report` hands the result to people,
`decide` takes their answers back.
"""
