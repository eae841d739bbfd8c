"""What pages of one form have in common: printed is what repeats in place, entered is what varies."""
