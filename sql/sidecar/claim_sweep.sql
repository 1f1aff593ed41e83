create or replace function sidecar.claim_sweep(pause interval)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into app.bucket_sweeps as s (started_at) values (clock_timestamp())
    on conflict on constraint bucket_sweeps_pkey do update
        set started_at = excluded.started_at
        where s.started_at <= excluded.started_at - pause;
    return found;
end
$$;

comment on function sidecar.claim_sweep(interval) is
    'Whether to go through the bucket now: true for one of all that ask within the pause.';
grant execute on function sidecar.claim_sweep(interval) to sidecar;
