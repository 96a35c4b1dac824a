-- Answers that are kept are ciphertext now, which a rotation of keys rewrites.
GRANT UPDATE ON idempotency_key TO los_app;
