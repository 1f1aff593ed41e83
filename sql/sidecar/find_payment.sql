create or replace function sidecar.find_payment(authority text, nonce text)
returns table (payment_id uuid, is_genuine boolean)
language sql
stable
security definer
set search_path = ''
as $$
    select p.id, coalesce(p.nonce = find_payment.nonce, false)
    from app.payments p
    where p.authority = find_payment.authority
$$;

comment on function sidecar.find_payment(text, text) is
    'The attempt behind a callback; genuine only with its nonce, since authorities can be guessed.';
grant execute on function sidecar.find_payment(text, text) to sidecar;
