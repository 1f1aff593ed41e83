alter function app.check_request() set plan_cache_mode = 'force_generic_plan';
