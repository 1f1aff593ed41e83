create type sidecar.session_grant as (
    user_id uuid,
    role text,
    db_role text,
    name text,
    mobile text,
    session_id uuid,
    refresh_token_id uuid,
    refresh_expires_at timestamptz
);

comment on type sidecar.session_grant is 'What the sidecar needs to sign a pair of tokens; all null when refused.';
