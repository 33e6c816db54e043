"""Which record of one system is which of the other: what is certain is linked, the rest asks a person.

The words of this room and of `reconcile_ids`, one for one thing:

- *contact* and *product* are Scoro's; *client*, *vendor* and *article* are SmartAccounts'.
- A *partner* is whom a document is for or from, an *item* what it sells or buys, whichever system's.
- A *record* is a partner or item as its system holds it (`common/records.py`); its *profile* is what of it is valid, in
  the form in which it is compared (`identity/profiles.py`).
- *Source* is Scoro's end of a pair, *remote* SmartAccounts'; a *pair* is two profiles held against each other.
- A *candidate* is a record that may be the one looked for; *evidence* is what speaks for or against a pair.
- A *proposal* is a pair with its confidence: *certain* (linked at once), *likely* or *conflicting* (a person decides).
- A *doubt* is why a contact is neither linked nor created; a contact or product is *undecided* while a person has still
  to answer a proposal about it.
- A *link* says that a record stands for another. To *adopt* is to link a document that is in the books already.
- *Left behind* is a document of SmartAccounts whose document is gone in Scoro, an *orphan* a payment whose receipt is,
  *lost* a payment that is gone in SmartAccounts while its receipt is there.
"""
