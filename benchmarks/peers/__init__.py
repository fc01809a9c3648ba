"""The peers: one module each, all with a function `contender(workload)`."""
