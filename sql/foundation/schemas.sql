-- Three schemas by audience: app is private (tables, rules, triggers), api is what PostgREST exposes (views and
-- functions only), sidecar is what only the sidecar's login may execute.
create schema app;
create schema api;
create schema sidecar;

-- Callers need app for the policies' helper functions; what they may see of its tables is decided by column grants
-- and row-level security, table by table.
grant usage on schema app to anon, app_user, app_doctor, app_admin, sidecar, job_runner;
grant usage on schema api to anon, app_user, app_doctor, app_admin, sidecar;
grant usage on schema sidecar to sidecar;

comment on schema app is 'Private: tables, rules and trigger functions.';
comment on schema api is E'Vetline\n\nPaid telephone consultations with a veterinarian: pets, consultations, slots, payments.';
comment on schema sidecar is 'Functions that only the sidecar may execute.';
