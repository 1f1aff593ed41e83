-- Each function sets its search_path, also where its caller has
-- Below api.hold_slot, which has set it, it is set fourteen times more for nothing; but who reads or calls one of them
-- alone need not know that.
alter function app.tg__touch() reset search_path;
alter function app.tg__version() reset search_path;
alter function app.pick(jsonb, text[]) reset search_path;
alter function app.live_appointment(uuid) reset search_path;
alter function app.lock_own_consultation(uuid) reset search_path;
alter function app.find_slot(timestamptz, timestamptz) reset search_path;
alter function app.lock_slot(timestamptz, timestamptz) reset search_path;
alter function app.free_lane(app.slots) reset search_path;
alter function app.take_seat(app.consultations, timestamptz, timestamptz, interval) reset search_path;
alter function app.hold_seat(app.consultations, app.appointments, timestamptz, timestamptz) reset search_path;
alter function app.require_holdable(app.consultations, app.appointments) reset search_path;
alter function app.require_offered_slot(timestamptz) reset search_path;
alter function app.require_hold_allowance(uuid, uuid) reset search_path;
alter function app.open_payment(uuid) reset search_path;
