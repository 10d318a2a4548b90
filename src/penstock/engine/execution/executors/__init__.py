"""Where claimed work is carried out."""
