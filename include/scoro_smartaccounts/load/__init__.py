"""What was planned → its target, by the protocol of the outbox."""
