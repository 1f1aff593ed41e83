create or replace function api.erase_user(user_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform app.require_admin();
    perform app.erase_person(user_id);
end
$$;

comment on function api.erase_user(uuid) is
E'Erase an owner\n\nOn the person''s request, and for good: name, mobile, password, texts, files, messages and pets'' names
are gone, all sessions end, the mobile may register anew. Payments and the audit trail stay, anonymous. NOT_FOUND; CONFLICT
while something is going on (reasons: IS_STAFF, LIVE_APPOINTMENT, OPEN_PAYMENT, PAID_WITHOUT_SLOT, REFUND_DUE, or BUSY: they
have just begun something, try again). For admins.';
grant execute on function api.erase_user(uuid) to app_admin;
