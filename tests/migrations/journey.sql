-- Data as life makes it, for the database that the frozen migrations build: it speaks the language of the last frozen
-- one, so look through it whenever you freeze. Run by a superuser, in one transaction.
create function pg_temp.be(role text, claims jsonb default null) returns void language sql as $$
    select set_config('role', role, true), set_config('request.jwt.claims', coalesce(claims::text, ''), true)
$$;

create function pg_temp.claims(who sidecar.session_grant) returns jsonb language sql as $$
    select jsonb_build_object('sub', who.user_id, 'role', who.db_role, 'sid', who.session_id, 'aud', 'vetline',
                              'exp', extract(epoch from now() + interval '15 minutes')::bigint)
$$;

-- A ticket for a picture; 'KEPT' registers what was uploaded with it, 'REFUSED' found something else, 'UNUSED' waits.
create function pg_temp.send_file(owner sidecar.session_grant, consultation_id uuid, what_became_of_it text)
returns void
language plpgsql as $$
declare
    v_ticket record;
    v_check record;
begin
    perform pg_temp.be('sidecar', pg_temp.claims(owner));
    select * into strict v_ticket from sidecar.create_upload('IMAGE', 'png', 70, 'MEDICAL_DOC');
    if what_became_of_it = 'UNUSED' then
        return;
    end if;
    select * into strict v_check
    from sidecar.begin_registration(consultation_id, array[v_ticket.upload_key], '1 minute');
    if what_became_of_it = 'KEPT' then
        perform sidecar.register_upload(consultation_id, v_check.upload_key, v_check.kept_key, null, null, 10, 10);
    else
        perform sidecar.refuse_upload(v_check.upload_key, v_check.kept_key);
    end if;
end
$$;

-- Ask for a call, describe the problem, show a picture, hold a slot of the earliest ones, and go to the bank.
create function pg_temp.ask_for_call(
    owner sidecar.session_grant, pet_name text, out consultation_id uuid, out payment_id uuid
)
language plpgsql as $$
declare
    v_start text;
    v_payment record;
begin
    perform pg_temp.be(owner.db_role, pg_temp.claims(owner));
    perform app.check_request();
    select c.id into strict consultation_id
    from api.create_pet(type => 'DOG', name => pet_name, breed => 'سرابی', neutered => false) p,
        api.create_consultation(p.id) c;
    perform api.submit_details(consultation_id, 'سگم از دیروز غذا نمی‌خورد و بی‌حال است. لطفاً راهنمایی کنید.');
    perform pg_temp.send_file(owner, consultation_id, what)
    from unnest(array['KEPT', 'REFUSED', 'UNUSED']) what;
    perform pg_temp.be(owner.db_role, pg_temp.claims(owner));
    select slot ->> 'start_at' into strict v_start
    from jsonb_path_query(api.availability(current_date, current_date + 30), '$.days[*].slots[*]') slot
    where slot ->> 'unavailable_reason' is null and not (slot ->> 'is_full')::boolean
    limit 1;
    perform api.hold_slot(consultation_id, v_start::timestamptz);
    perform pg_temp.be('sidecar', pg_temp.claims(owner));
    select * into strict v_payment from sidecar.begin_payment(consultation_id, 'MOCK');
    payment_id := v_payment.payment_id;
    perform sidecar.record_authority(
        payment_id, sidecar.mock_request(payment_id, v_payment.amount_toman, 'http://localhost/'), '{}', '{}');
end
$$;

create function pg_temp.settle(payment_id uuid, outcome text, ref_id text) returns app.payment_status language sql as $$
    select sidecar.finish_settlement(payment_id, s.lease_token, outcome, true, ref_id, '502229******5995', '{}')
    from sidecar.begin_settlement(payment_id, '30 seconds') s
$$;

do $$
declare
    v_doctor uuid;
    v_owner sidecar.session_grant;
    v_other sidecar.session_grant;
    v_call record;
begin
    perform pg_temp.be('app_owner');
    v_doctor := app.create_user('DOCTOR', 'دکتر مینا رضایی', '09121110001', '$argon2id$none');
    perform app.create_user('ADMIN', 'مدیر کلینیک', '09121110002', '$argon2id$none');
    insert into app.doctor_absences (doctor_id, start_at, end_at, reason)
    select d.id, now() + interval '40 days', now() + interval '50 days', 'مرخصی' from app.doctors d;
    insert into app.closures (start_at, end_at, reason)
    values (now() + interval '39 days', now() + interval '40 days', 'نوروز');

    perform pg_temp.be('sidecar');
    perform sidecar.begin_sign_in('09121110001', '192.0.2.1');
    v_owner := sidecar.register('سارا احمدی', '۰۹۱۲۱۱۱۰۰۰۳', '$argon2id$none', '30 days');
    v_other := sidecar.register('رضا کریمی', '+989121110004', '$argon2id$none', '30 days');

    -- One paid and scheduled; one whose payment failed; one canceled while paying, and then paid; one open.
    v_call := pg_temp.ask_for_call(v_owner, 'پشمک');
    perform pg_temp.settle(v_call.payment_id, 'PAID', '1001');
    v_call := pg_temp.ask_for_call(v_owner, 'برفی');
    perform pg_temp.settle(v_call.payment_id, 'NOT_PAID', null);
    v_call := pg_temp.ask_for_call(v_other, 'رکس');
    perform pg_temp.be(v_other.db_role, pg_temp.claims(v_other));
    perform api.cancel_consultation(v_call.consultation_id);
    perform pg_temp.be('sidecar');
    perform pg_temp.settle(v_call.payment_id, 'PAID', '1002');
    perform pg_temp.ask_for_call(v_other, 'گرگی');

    -- The gateway lists a payment that is not ours, the SMS provider refuses our key, the bucket has what nobody knows.
    perform sidecar.claim_unverified_list('MOCK', interval '1 minute');
    perform sidecar.match_unverified('MOCK', array['S00000000000000000000000000000000000']);
    perform sidecar.pause_sms(m.id, 'worker', 'kavenegar', '403')
    from sidecar.claim_sms('worker', 1, interval '1 minute') m;
    perform sidecar.claim_sweep(interval '1 day');
    perform sidecar.sweep_objects(array['media/nobody-knows-it']);

    perform pg_temp.be('job_runner');
    perform app.run_job('invariants:check');
    perform app.finish_job_run(app.start_job_run('jobs:prune-history', now()), app.run_job('jobs:prune-history'));
    perform pg_temp.be('app_owner');
end
$$;
