-- A definer function that somebody may call does what they themselves may not. Each is listed with what keeps it from
-- doing that for others. (Those that nobody may call, triggers among them, only serve these; those for admins alone
-- ask app.require_admin.)
-- allow api.availability(date,date): shows counts of seats, no one's appointment
-- allow api.cancel_consultation(uuid): begins with app.lock_own_consultation
-- allow api.complete_appointment(uuid,app.appointment_outcome): finds the calling doctor's own appointments alone
-- allow api.create_consultation(uuid,app.consultation_type): begins with app.lock_own_pet; the owner is the caller
-- allow api.create_pet(app.pet_type,text,text,app.pet_gender,boolean,date): the owner is the caller
-- allow api.delete_pet(uuid): begins with app.lock_own_pet
-- allow api.hold_slot(uuid,timestamp with time zone): begins with app.lock_own_consultation
-- allow api.read_notification(uuid): changes what the caller's own view of notifications shows
-- allow api.release_hold(uuid): begins with app.lock_own_consultation
-- allow api.replace_pet(uuid,app.pet_type,text,text,app.pet_gender,boolean,date): begins with app.lock_own_pet
-- allow api.search_doctor_appointments(date,date,app.appointment_status,integer,timestamp with time zone,uuid): finds the calling doctor's own appointments alone
-- allow api.submit_details(uuid,text,uuid): begins with app.lock_own_consultation
-- allow app.assigned_consultations(): gives the calling doctor's own, so that policies need not look at each other
-- allow app.call_of_doctor(uuid): shows the calling doctor's own appointment alone
-- allow app.check_request(): looks one session up, the token's own
-- allow app.current_doctor_id(): gives the caller's own id
-- allow app.finish_job_run(bigint,bigint,text): for the job runner alone
-- allow app.run_job(text): for the job runner alone; runs what app.jobs names
-- allow app.start_job_run(text,timestamp with time zone): for the job runner alone
-- catches: alter function app.require_status(app.consultations, app.consultation_status[]) security definer; grant execute on function app.require_status(app.consultations, app.consultation_status[]) to app_user
-- catches: create function api.lint() returns bigint language sql security definer set search_path = '' return 1; grant execute on function api.lint() to app_admin
-- catches: create function api.lint() returns bigint language sql security definer set search_path = '' return (select count(*) from app.users); grant execute on function api.lint() to app_user
select p.oid::regprocedure::text as object, 'does more for ' || string_agg(a.grantee::regrole::text, ', ') as problem
from pg_proc p, aclexplode(p.proacl) a
where p.pronamespace in ('app'::regnamespace, 'api'::regnamespace)
  and p.prosecdef
  and a.grantee not in (0, p.proowner)
group by p.oid
having p.prosrc !~ '^\s*(declare.*)?begin\s+perform app\.require_admin\(\)' or bool_or(a.grantee <> 'app_admin'::regrole)
