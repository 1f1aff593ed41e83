-- The check before each request keeps its plans, whatever the arguments
-- PostgreSQL thinks that a plan for this very session is worth making, each time.
alter function app.check_request() reset plan_cache_mode;
