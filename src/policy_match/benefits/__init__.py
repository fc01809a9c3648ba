"""Benefits: verdict and facts in, an exact amount, an interval or nothing out."""
