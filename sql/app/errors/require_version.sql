create or replace function app.require_version(version integer, expected integer)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if version <> expected then
        perform app.fail('PRECONDITION_FAILED', 'Somebody else has changed it meanwhile. Look at it again.',
                         jsonb_build_object('version', version));
    end if;
end
$$;

comment on function app.require_version(integer, integer) is
    'PRECONDITION_FAILED when the row, locked by now, is not in the version that the caller has seen; null is any.';
