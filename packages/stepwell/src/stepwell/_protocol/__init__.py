"""What a step is: configuration, inputs, outputs, kinds, placement and reports."""
