-- Against being forgotten at the same moment (app.erase_person): what a person begins is either seen by who erases them,
-- or refused here. Somebody's other requests wait no longer than for one that changes their account.
create or replace function app.lock_account()
returns uuid
language plpgsql
set search_path = ''
as $$
declare
    v_user_id uuid;
begin
    select u.id into v_user_id from app.users u where u.id = app.current_user_id() and u.is_active for share;
    if not found then
        perform app.fail('UNAUTHENTICATED', 'This session has ended. Sign in again.');
    end if;
    return v_user_id;
end
$$;

comment on function app.lock_account() is
    'Locks the signed-in person''s account, which must be open still; gives their id. UNAUTHENTICATED.';
