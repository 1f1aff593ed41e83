-- Functions are executable by PUBLIC unless this is revoked globally: the per-schema form has no effect on PUBLIC.
alter default privileges revoke execute on functions from public;
