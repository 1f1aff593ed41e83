-- The closed vocabularies. Which status may follow which: app.transitions().
create type app.user_role as enum ('USER', 'ADMIN', 'DOCTOR');
create type app.pet_type as enum ('DOG', 'CAT', 'OTHER');
create type app.pet_gender as enum ('MALE', 'FEMALE', 'UNKNOWN');
create type app.consultation_type as enum ('SPECIALIST');
create type app.consultation_status as enum (
    'DRAFT',              -- made, nothing said about the problem yet
    'DETAILS_SUBMITTED',  -- the problem is described; a slot can be chosen
    'SLOT_HELD',          -- a seat is kept for a quarter of an hour
    'PAYMENT_INITIATED',  -- the owner was sent to the gateway
    'PAID',               -- the money is proved; without a live appointment it waits for a new slot
    'SCHEDULED',          -- paid, and the seat is confirmed
    'COMPLETED',          -- the call took place (end)
    'CANCELED',           -- by the owner or an admin (end)
    'EXPIRED'             -- left lying for too long (end)
);
create type app.appointment_status as enum ('HELD', 'CONFIRMED', 'CANCELED', 'COMPLETED');
create type app.appointment_outcome as enum ('TOOK_PLACE', 'NO_SHOW');
create type app.cancel_reason as enum (
    'RELEASED',             -- by the owner
    'EXPIRED',              -- the hold ran out; repeated, it earns a cool-down
    'PAYMENT_FAILED',       -- the gateway said: not paid
    'CONSULTATION_CLOSED',  -- the consultation was canceled or expired
    'MOVED'                 -- never written; a label can't be dropped
);
comment on type app.cancel_reason is
    'Why a seat was given up. MOVED is not written: a change of slot, by the owner or an admin, moves the same appointment,
and what was canceled stays so when the owner takes another seat.';
create type app.payment_provider as enum ('ZARINPAL', 'MOCK');
create type app.payment_status as enum (
    'INITIATED',  -- made; the gateway was not asked, or has not answered
    'PENDING',    -- has an authority: the owner may be paying right now
    'VERIFIED',   -- the gateway proved it; the only final state
    'FAILED',     -- not paid, as far as we know
    'EXPIRED',    -- nobody paid in time, as far as we know
    'CANCELED'    -- given up by the owner or overtaken by another payment
);
create type app.refund_status as enum ('DUE', 'REVERSED', 'TRANSFERRED');
create type app.refund_reason as enum (
    'CONSULTATION_CLOSED',  -- paid after it was canceled, expired or deleted
    'SURPLUS',              -- the consultation was paid already
    'ADMIN_CANCELED',       -- an admin canceled a paid consultation
    'GOODWILL'              -- an admin gave it back although the call took place
);
create type app.media_category as enum ('AUDIO', 'VIDEO', 'DOCUMENT', 'IMAGE');
create type app.media_purpose as enum ('VOICE_NOTE', 'MEDICAL_DOC', 'PET_VIDEO', 'OTHER');
create type app.deletion_reason as enum (
    'UNUSED',         -- a day old, and nobody registered it
    'REFUSED',        -- not what its ticket says
    'REGISTERED',     -- what was kept is a copy
    'ABANDONED',      -- a copy made by a check that came to no end
    'MEDIA_DELETED',
    'SWEPT'           -- lay in the bucket, and no row spoke of it
);
create type app.notification_type as enum (
    'PAYMENT_SUCCESS', 'NEW_CONSULTATION', 'SLOT_SELECTED', 'APPOINTMENT_CONFIRMED',
    'SLOT_LOST',          -- paid, but the seat is gone: the owner chooses another, or an admin refunds
    'OVER_CAPACITY',      -- more confirmed appointments than doctors
    'DOCTOR_UNASSIGNED',  -- confirmed without a doctor
    'REFUND_DUE',
    'APPOINTMENT_MOVED',     -- by an admin
    'APPOINTMENT_CANCELED',  -- by an admin
    'SMS_PAUSED',            -- the provider refuses us: nothing is sent until that is repaired
    'REFUNDED',              -- the owner's money went back
    'PAYMENT_UNCLEAR',       -- the gateway refuses to say whether it was paid, for a fault of ours
    'UNKNOWN_AUTHORITY'      -- the gateway holds money under an authority that we do not know
);
create type app.sms_status as enum ('QUEUED', 'SENT', 'FAILED');
create type app.sms_delivery as enum (
    'PENDING',      -- on its way, as far as the provider knows
    'DELIVERED',
    'UNDELIVERED',  -- the phone was off or out of reach for too long
    'FAILED',       -- the network did not take it
    'BLOCKED',      -- the recipient refuses such messages
    'CANCELED',     -- by the provider
    'UNKNOWN'       -- nobody could say within two days
);
create type app.currency as enum ('TOMAN');
create type app.assignment_policy as enum ('ROUND_ROBIN', 'MANUAL');
