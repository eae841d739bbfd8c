"""What runs confined: it reads what nobody may trust, and its parent believes none of it."""
