-- A person with whom something is still going on can't be forgotten: the reasons are what an admin has to end first.
create or replace function app.require_erasable(person app.users, consultation_ids uuid[])
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
    v_reasons text[];
begin
    select array_agg(r.reason order by r.reason) into v_reasons
    from (values
        ('IS_STAFF', (person).role <> 'USER'),
        ('BUSY', exists (
            select from app.consultations c where c.user_id = (person).id and c.id <> all (consultation_ids))),
        ('LIVE_APPOINTMENT', exists (
            select from app.appointments a
            where a.user_id = (person).id and a.status in ('HELD', 'CONFIRMED'))),
        ('OPEN_PAYMENT', exists (
            select from app.payments p where p.user_id = (person).id and p.status in ('INITIATED', 'PENDING'))),
        ('PAID_WITHOUT_SLOT', exists (
            select from app.consultations c where c.user_id = (person).id and c.status = 'PAID')),
        ('REFUND_DUE', exists (
            select from app.refunds r join app.payments p on p.id = r.payment_id
            where p.user_id = (person).id and r.status = 'DUE'))
    ) r (reason, applies)
    where r.applies;
    if v_reasons is not null then
        perform app.fail('CONFLICT', 'Something is still going on with this person.',
                         jsonb_build_object('reasons', v_reasons));
    end if;
end
$$;

comment on function app.require_erasable(app.users, uuid[]) is
    'Refuses with CONFLICT, and the reasons, unless the locked person is an owner with whom nothing is going on, and these
are all of their consultations (BUSY: one was begun while the others were being locked).';
