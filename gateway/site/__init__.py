"""What the gateway serves by itself: /openapi.json and the pages below /docs."""
