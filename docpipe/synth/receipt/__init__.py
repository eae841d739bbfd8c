"""Till receipts: shops, cafés and stores, on narrow paper."""
