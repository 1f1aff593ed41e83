-- A function that looks names up in the caller's search_path does what the caller wants; a definer's is a way in.
-- allow app.claims(): inlined into policies, which a SET clause prevents; names nothing but built-ins
-- allow app.current_user_id(): inlined into policies; names are qualified
-- allow app.request_header(text): inlined; names nothing but built-ins
-- allow app.audit_context(): inlined; names are qualified
-- allow app.database_role(app.user_role): inlined; names nothing at all
-- allow app.available_doctors(timestamp with time zone,timestamp with time zone): inlined into availability; names are qualified
-- allow app.slot_grid(date,date): inlined into availability; names are qualified
-- allow app.csv_cell(text): inlined into exports; names nothing but built-ins
-- allow app.calendar(): inlined into exports; names are qualified
-- allow app.exported_consultations(app.consultation_filter): inlined, so that exports stream; names are qualified
-- allow app.exported_payments(app.payment_filter): inlined, so that exports stream; names are qualified
-- allow app.found_consultations(app.consultation_filter): inlined into lists and exports; names are qualified
-- allow app.found_payments(app.payment_filter): inlined into lists and exports; names are qualified
-- allow app.new_id(): inlined; names nothing but built-ins
-- allow app.transitions(): inlined into the guards; names nothing but built-ins
-- allow app.run_scheduled_job(text,timestamp with time zone): commits, which a SET clause prevents; names are qualified
-- catches: create function app.lint() returns integer language sql security definer return 1
-- catches: create function app.lint() returns integer language sql set search_path = public return 1
-- catches: alter function api.hold_slot(uuid, timestamptz) reset search_path
select p.oid::regprocedure::text as object, 'does not set search_path to nothing' as problem
from pg_proc p
where p.pronamespace in ('app'::regnamespace, 'api'::regnamespace, 'sidecar'::regnamespace)
  and not coalesce('search_path=""' = any (p.proconfig), false)
