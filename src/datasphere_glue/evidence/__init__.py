"""The audit trail: records, before-images, and the chain that proves them."""
