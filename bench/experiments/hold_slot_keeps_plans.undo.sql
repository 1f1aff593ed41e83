alter function api.hold_slot(uuid, timestamptz) reset plan_cache_mode;
