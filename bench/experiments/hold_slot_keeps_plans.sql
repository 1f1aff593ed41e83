-- Holding a slot lets PostgreSQL choose between kept and new plans
-- Kept ones, made while tables were empty, read whole tables later: the test of plans refuses it.
alter function api.hold_slot(uuid, timestamptz) set plan_cache_mode = 'force_generic_plan';
