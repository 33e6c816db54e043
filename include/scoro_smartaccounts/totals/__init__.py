"""Control totals in euros and the page before the VAT return: pairs first, then sums, every difference with a name."""
