create or replace function app.create_user(role app.user_role, name text, mobile text, password_hash text)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_mobile text := app.normalize_mobile(mobile);
    v_name text := btrim(name);
    v_user_id uuid;
begin
    perform app.fail_validation(jsonb_build_object(
        'name', case when length(v_name) between 1 and 100 then null else 'Give a name of 1 to 100 characters.' end,
        'mobile', case when v_mobile is null then 'Give an Iranian mobile number, like 09121234567.' end));
    insert into app.users as u (role, name, mobile)
    values (create_user.role, v_name, v_mobile)
    on conflict on constraint users_mobile_key do nothing
    returning u.id into v_user_id;
    if v_user_id is null then
        perform app.fail('CONFLICT', 'This mobile number is registered already.',
                         '{"fields": {"mobile": "Registered already."}}');
    end if;
    insert into app.credentials (user_id, password_hash) values (v_user_id, create_user.password_hash);
    if role = 'DOCTOR' then
        insert into app.doctors (user_id, display_name) values (v_user_id, v_name);
    end if;
    perform app.audit('USER_REGISTERED', 'user', v_user_id, jsonb_build_object('role', role),
                      coalesce(app.current_user_id(), v_user_id));
    return v_user_id;
end
$$;

comment on function app.create_user(app.user_role, text, text, text) is
    'Makes a person with a password hash; a doctor gets a row in app.doctors too. VALIDATION_FAILED, CONFLICT.';
