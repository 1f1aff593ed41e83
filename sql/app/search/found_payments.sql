-- As app.found_consultations. Only what is granted to admins can be read here, which is not the whole row.
-- No SET clause, so that it is inlined.
create or replace function app.found_payments(filter app.payment_filter)
returns table (
    id uuid, consultation_id uuid, user_id uuid, provider app.payment_provider, amount_toman bigint, amount_rials bigint,
    ref_id text, card_pan text, status app.payment_status, paid_at timestamptz, created_at timestamptz
)
language sql
stable
parallel safe
as $$
    select p.id, p.consultation_id, p.user_id, p.provider, p.amount_toman, p.amount_rials, p.ref_id, p.card_pan, p.status,
        p.paid_at, p.created_at
    from app.payments p
    where ((filter).of_status is null or p.id = any ((filter).of_status))
      and ((filter).status is null or p.status::text = (filter).status::text)
      and ((filter).since is null or p.created_at >= (filter).since)
      and ((filter).until is null or p.created_at < (filter).until)
      and (((filter).who).people is null or p.user_id = any (((filter).who).people))
      and (((filter).who).mobile is null and ((filter).who).words is null or exists (
          select from app.users u
          where u.id = p.user_id
            and (((filter).who).mobile is null or u.mobile like ((filter).who).mobile || '%')
            and (((filter).who).words is null or u.search_words @@ ((filter).who).words)
          offset 0))
$$;

comment on function app.found_payments(app.payment_filter) is 'The attempts to pay that meet all filters.';
grant execute on function app.found_payments(app.payment_filter) to app_admin;
