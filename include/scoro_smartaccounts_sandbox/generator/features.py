"""What a generated company may contain."""

from enum import StrEnum


class Feature(StrEnum):
    """A trait of documents or registers; each can be left out to get plainer data."""

    FOREIGN_CLIENTS = "clients in Finland, Latvia, Germany, the USA; without country; with it spelled out"
    PRIVATE_PERSONS = "private persons with a personal code"
    MISSING_ID_CODE = "companies without a registry code"
    ODD_LETTERS = "emoji and letters beyond Latin-1 in names and texts"
    LONG_ADDRESSES = "address parts over 64 characters"
    ESCAPED_TEXT = "HTML entities and \\r\\n in texts"
    DISCOUNTS = "document discounts (up to three), line discounts, products without discount"
    SUBHEADINGS = "lines with product_id -1"
    FREE_LINES = "lines with product_id 0"
    CODELESS_PRODUCTS = "products without a code"
    SECOND_QUANTITY = "lines with amount2"
    MIXED_VAT = "products of reduced rates and exempt ones, several rates in one document"
    DOCUMENT_VAT = "documents with VAT at the document, not at the lines"
    CURRENCIES = "documents in USD and SEK"
    CREDITS = "credit invoices, full and partial"
    PREPAYMENTS = "prepayment invoices and invoices that draw on them"
    STOCK = "stock products tagged Laoartikkel, and look-alikes"
    TINY_SUMS = "documents of zero and of one cent"
    LONG_PRICES = "prices with more than two places, quantities with three"
    LATE_KEYED = "documents keyed in days after their date"
    DELETED = "deleted documents whose number was used again"
    BILLS = "purchase invoices"
    RECEIPTS = "payments, whole, partial, too large, one for several documents"
    # Of purchase documents.
    BILL_NUMBERS = "numbers with letters, slashes and spaces; the same number from two suppliers"
    COST_OBJECTS = "lines with an accounting object"
    SUPPLIER_CREDITS = "negative bills: what suppliers take back"
    VAT_DIFFERENCES = "VAT a cent or two off the computed one"
    CLIENT_SUPPLIERS = "contacts that are clients and suppliers"
    # Of receipts.
    NETTING = "groups with a negative row, some of sum 0; refunds"
    CASH = "cash, rounded to five cents"
    EARLY_RECEIPTS = "receipts entered on the very day of their document"


ALL_FEATURES = frozenset(Feature)


class BadReason(StrEnum):
    """What is wrong with a planted sales invoice."""

    WRONG_VAT_SUM = "wrong_vat_sum"
    LINE_SUMS_DIFFER = "line_sums_differ"
    VAT_PERCENT_INVALID = "vat_percent_invalid"
    PARTNER_MISSING = "partner_missing"
    LINES_MISSING = "lines_missing"
    DEADLINE_BEFORE_DATE = "deadline_before_date"
    CURRENCY_RATE_BAD = "currency_rate_bad"
    CREDIT_WITHOUT_BASE = "credit_without_base"
    REFERENCE_INVALID = "reference_invalid"
    STOCK_QUANTITY_MISSING = "stock_quantity_missing"
    NUMBER_DUPLICATE = "number_duplicate"


class BadBill(StrEnum):
    """What is wrong with a planted bill."""

    NUMBER_TWICE = "number_twice"  # of one supplier
    WRONG_VAT_SUM = "wrong_vat_sum"
    LINE_SUMS_DIFFER = "line_sums_differ"
    VAT_PERCENT_INVALID = "vat_percent_invalid"
    PARTNER_MISSING = "partner_missing"
    LINES_MISSING = "lines_missing"
    CURRENCY_RATE_BAD = "currency_rate_bad"
