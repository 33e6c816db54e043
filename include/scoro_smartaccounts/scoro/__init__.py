"""What Scoro speaks: client, wire format → documents."""
