create or replace function api.preview_user_deactivation(user_id uuid default null)
returns setof app.affected_appointment
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    perform app.fail_validation(jsonb_build_object('user_id', case when user_id is null then 'Give the person.' end));
    if not exists (select from app.users u where u.id = preview_user_deactivation.user_id) then
        perform app.fail('NOT_FOUND', 'There is no such person.');
    end if;
    return query
    select a.*
    from app.doctors d
    cross join lateral app.affected_appointments(clock_timestamp(), 'infinity', d.id) a
    where d.user_id = preview_user_deactivation.user_id
    union all
    select a.id, a.consultation_id, a.status, a.start_at, a.doctor_id, d.display_name, u.name, u.mobile, 'OWNER_AWAY',
        false
    from app.appointments a
    join app.users u on u.id = a.user_id
    left join app.doctors d on d.id = a.doctor_id
    where a.user_id = preview_user_deactivation.user_id and a.end_at > clock_timestamp()
      and (a.status = 'CONFIRMED' or a.status = 'HELD' and a.hold_expires_at > clock_timestamp())
    order by 4, 1;
end
$$;

comment on function api.preview_user_deactivation(uuid) is
E'Preview a person''s deactivation\n\nThe held and confirmed appointments that are still to come: of a doctor those that
rpc/preview_deactivation lists, of an owner their own (why: OWNER_AWAY), which stay. FORBIDDEN,
VALIDATION_FAILED, NOT_FOUND. For admins.';
grant execute on function api.preview_user_deactivation(uuid) to app_admin;
