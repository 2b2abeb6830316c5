"""What the platform decides by a region's rules, in every channel alike: which rating stands, what falls due, what is owed."""
