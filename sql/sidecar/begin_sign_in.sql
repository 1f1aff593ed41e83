-- Counts before it looks, and answers instead of raising: an exception would roll the count back. The sidecar commits,
-- then answers. An unknown mobile is counted like a known one and costs the same.
create or replace function sidecar.begin_sign_in(
    mobile text,
    ip text,
    out user_id uuid,
    out password_hash text,
    out retry_after integer
)
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_mobile text := coalesce(app.normalize_mobile(mobile), 'invalid');
    v_now timestamptz;
    v_recent timestamptz[];
begin
    insert into app.sign_in_attempts as s (mobile, ip) values (v_mobile, begin_sign_in.ip)
    on conflict on constraint sign_in_attempts_pkey do update set updated_at = clock_timestamp()
    returning s.attempted_at into v_recent;
    v_now := clock_timestamp();  -- after the row's lock, which may have taken its time
    v_recent := array(select t from unnest(v_recent) as t where t > v_now - interval '1 minute' order by t);
    if cardinality(v_recent) >= 5 then
        retry_after := ceil(extract(epoch from v_recent[1] + interval '1 minute' - v_now));
        return;
    end if;
    update app.sign_in_attempts s set attempted_at = v_recent || v_now
    where s.mobile = v_mobile and s.ip = begin_sign_in.ip;
    select u.id, c.password_hash into user_id, password_hash
    from app.users u join app.credentials c on c.user_id = u.id
    where u.mobile = v_mobile and u.is_active;
end
$$;

comment on function sidecar.begin_sign_in(text, text) is
    'Counts an attempt and gives the hash to check. retry_after (seconds): too many; user_id null: unknown or inactive.';
grant execute on function sidecar.begin_sign_in(text, text) to sidecar;
