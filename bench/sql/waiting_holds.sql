-- Holds to be made by pgbench, which takes one after the other.
create table bench.waiting_holds (
    number bigint not null generated always as identity,
    claims text not null,
    consultation_id uuid not null,
    start_at timestamptz not null,
    constraint waiting_holds_pkey primary key (number)
);
create sequence bench.next_hold;

create function bench.take_hold()
returns bench.waiting_holds
language sql
security definer
set search_path = ''
begin atomic
    select h.* from bench.waiting_holds h where h.number = (select nextval('bench.next_hold'));
end;

create function bench.insert_row()
returns void
language sql
security definer
set search_path = ''
begin atomic
    insert into bench.rows (user_id) values ('018f0000-0000-7000-8000-000000000000');
end;

grant usage on schema bench to authenticator, app_user;
grant execute on function bench.take_hold(), bench.insert_row() to authenticator, app_user;
