-- An admin sees and edits a consultation with its appointments as one thing. Each of these versions only grows, and an
-- appointment never goes away: so does their sum.
create or replace function app.consultation_version(consultation_id uuid)
returns integer
language sql
stable
set search_path = ''
as $$
    select c.version + coalesce(sum(a.version), 0)::integer
    from app.consultations c
    left join app.appointments a on a.consultation_id = c.id
    where c.id = consultation_version.consultation_id
    group by c.id
$$;

comment on function app.consultation_version(uuid) is
    'Counts the changes of a consultation and its appointments together: the ETag of what admins edit.';
grant execute on function app.consultation_version(uuid) to app_admin;
