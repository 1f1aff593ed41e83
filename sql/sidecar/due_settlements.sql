create or replace function sidecar.due_settlements(max_rows integer)
returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
    select p.id from app.payments p
    where p.next_inquiry_at <= clock_timestamp()
    order by p.next_inquiry_at
    limit max_rows
$$;

comment on function sidecar.due_settlements(integer) is 'The attempts that reconciliation should ask the gateway about now.';
grant execute on function sidecar.due_settlements(integer) to sidecar;
