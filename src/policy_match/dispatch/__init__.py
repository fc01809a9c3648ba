"""The monthly dispatch (月调度): a frozen month, its figures with what is behind each, the difference to the month before.

Pure: rows of projects in, figures out. Nothing unknown is counted as 0, totals are sums of the rows, and what
was only seen on a public page is told apart from what was recorded.
"""
