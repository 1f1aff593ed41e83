"""What servers run, as far as it can be tried without a container engine."""
