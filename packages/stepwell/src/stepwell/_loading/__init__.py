"""Reading files into datasets: the step `Load`."""
