"""Who on one side is who on the other, and why: pure proposals over two registers.

`propose_parties` (parties.py) and `propose_items` (items.py) take the records of both sides and give proposals with
their evidence. Nothing here reads or writes anything.
"""
