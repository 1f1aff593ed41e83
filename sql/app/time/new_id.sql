-- Time-ordered ids (UUID version 7, RFC 9562): 48 bits of milliseconds, then randomness, so that new rows land at the
-- end of an index. Written in SQL because PostgreSQL has uuidv7() only from version 18 on.
-- No SET clause: it must be inlined, being the default of most tables.
create or replace function app.new_id()
returns uuid
language sql
volatile
parallel safe
as $$
    select encode(
        set_bit(set_bit(
            overlay(
                uuid_send(gen_random_uuid())
                placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                from 1 for 6
            ),
            52, 1), 53, 1),
        'hex')::uuid
$$;

comment on function app.new_id() is 'A time-ordered UUID (version 7).';
