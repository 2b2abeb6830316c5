"""One file per subcommand of `rating-terminal`. Each adds its parser and imports what it needs only when it runs."""
