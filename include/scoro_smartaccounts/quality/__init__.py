"""Business rules on staged documents: what may enter the books, and what a bookkeeper should look at."""
