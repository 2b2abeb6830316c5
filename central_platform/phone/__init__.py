"""What citizens do on their own telephones: rate by a window's QR, and add words to a rating of a terminal."""
