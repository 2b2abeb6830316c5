"""One file per figure, each against its floor in the same run. `./dev bench [NAME…]`."""
