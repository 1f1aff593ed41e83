create or replace function app.create_user(
    role app.user_role,
    name text,
    mobile text,
    password_hash text,
    display_name text default null
)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_mobile text := app.normalize_mobile(mobile);
    v_name text := btrim(name);
    v_display_name text := coalesce(btrim(display_name), v_name);
    v_user_id uuid;
begin
    perform app.fail_validation(jsonb_build_object(
        'name', app.name_fault(v_name), 'mobile', app.mobile_fault(v_mobile),
        'display_name', case when display_name is not null then app.name_fault(v_display_name) end));
    insert into app.users as u (role, name, mobile)
    values (create_user.role, v_name, v_mobile)
    on conflict on constraint users_mobile_key do nothing
    returning u.id into v_user_id;
    if v_user_id is null then
        perform app.fail_taken_mobile();
    end if;
    insert into app.credentials (user_id, password_hash) values (v_user_id, create_user.password_hash);
    if role = 'DOCTOR' then
        insert into app.doctors (user_id, display_name) values (v_user_id, v_display_name);
    end if;
    if role = 'USER' and app.current_user_id() is null then  -- who registers is not signed in yet
        perform app.audit('USER_REGISTERED', 'user', v_user_id, jsonb_build_object('role', role), v_user_id);
    else
        perform app.audit('USER_CREATED', 'user', v_user_id, jsonb_build_object('role', role));
    end if;
    return v_user_id;
end
$$;

comment on function app.create_user(app.user_role, text, text, text, text) is
    'Makes a person with a password hash; a doctor gets a row in app.doctors too, shown to owners by
display_name (by the name, when it is null). An owner whom nobody makes has registered, and is logged as that
(USER_REGISTERED, their own doing). All others are made (USER_CREATED): by the signed-in admin, or by nobody, on the command
line. VALIDATION_FAILED, CONFLICT.';
