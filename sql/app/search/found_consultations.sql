-- The one meaning of the filters, for the list and the export. What is null is gone when the query is planned, if the
-- filter is known by then. OFFSET 0: each row that is looked at asks by a primary key. As text: no index seems to serve where the rows
-- of the status are too many to be gathered.
-- No SET clause, so that it is inlined.
create or replace function app.found_consultations(filter app.consultation_filter)
returns setof app.consultations
language sql
stable
parallel safe
as $$
    select c.*
    from app.consultations c
    where c.deleted_at is null
      and ((filter).of_status is null or c.id = any ((filter).of_status))
      and ((filter).status is null or c.status::text = (filter).status::text)
      and ((filter).since is null or c.created_at >= (filter).since)
      and ((filter).until is null or c.created_at < (filter).until)
      and (((filter).who).people is null or c.user_id = any (((filter).who).people))
      and (((filter).who).mobile is null and ((filter).who).words is null or exists (
          select from app.users u
          where u.id = c.user_id
            and (((filter).who).mobile is null or u.mobile like ((filter).who).mobile || '%')
            and (((filter).who).words is null or u.search_words @@ ((filter).who).words)
          offset 0))
      and ((filter).pets is null or c.pet_id = any ((filter).pets))
      and ((filter).pet_type is null or exists (
          select from app.pets p where p.id = c.pet_id and p.type = (filter).pet_type offset 0))
      and ((filter).of_doctor is null or c.id = any ((filter).of_doctor))
      and ((filter).doctor_id is null or exists (
          select from app.appointments a
          where a.consultation_id = c.id and a.doctor_id = (filter).doctor_id and a.status <> 'CANCELED'
          offset 0))
$$;

comment on function app.found_consultations(app.consultation_filter) is 'The consultations that meet all filters.';
grant execute on function app.found_consultations(app.consultation_filter) to app_admin;
