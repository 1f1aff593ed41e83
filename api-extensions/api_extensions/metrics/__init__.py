"""What a monitor (Prometheus) can learn from a sidecar or worker."""
