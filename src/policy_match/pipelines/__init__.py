"""What runs through named steps beside the lifecycle: the steps, who moves and sees them, and the time in each."""
