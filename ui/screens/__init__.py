"""One file per screen: each turns its part of the view into placed widgets and decides nothing."""
