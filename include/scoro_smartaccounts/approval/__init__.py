"""Plans that the accountant decides about before anything is sent: submitted, asked about, released."""
