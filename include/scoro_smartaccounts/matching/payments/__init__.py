"""Money: which payment is which receipt, which lost its other half, which stands there in part."""
