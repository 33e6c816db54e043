"""Who in one system is who in the other, and why: pure proposals over two registers.

`propose_partners` (partner_proposals.py) and `propose_items` (item_proposals.py) take the records of both systems and
give proposals with their evidence; `decide` (importing.py) says what of it an import may link. Nothing here reads or
writes anything.
"""
