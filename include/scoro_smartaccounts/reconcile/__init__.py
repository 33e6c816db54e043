"""Who is who: SmartAccounts' registers mirrored, and what is certain about partners, articles and documents."""
