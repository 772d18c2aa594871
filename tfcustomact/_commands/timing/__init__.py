"""What `bench` times, and how: who takes part, the measurements, and what their ratios are held to."""
