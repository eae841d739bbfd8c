"""Invoices and credit notes in seven languages and a dozen page structures."""
