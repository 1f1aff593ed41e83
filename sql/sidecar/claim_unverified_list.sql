create or replace function sidecar.claim_unverified_list(provider app.payment_provider, pause interval)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into app.unverified_lists as l (provider, read_at)
    values (claim_unverified_list.provider, clock_timestamp())
    on conflict on constraint unverified_lists_pkey do update
        set read_at = excluded.read_at
        where l.read_at <= excluded.read_at - pause;
    return found;
end
$$;

comment on function sidecar.claim_unverified_list(app.payment_provider, interval) is
    'Whether to read this gateway''s list of unverified payments now: true for one of all that ask within the pause.';
grant execute on function sidecar.claim_unverified_list(app.payment_provider, interval) to sidecar;
