/*
 * Every refusal of ours: its code, status and words (docs/errors.md lists them). What PostgREST and PostgreSQL say is
 * translated, never repeated: their texts name tables, constraints and values.
 */

import keys from './keys.js';

const STATUSES = {
    INVALID_JSON: 400,
    UNAUTHENTICATED: 401,
    FORBIDDEN: 403,
    NOT_FOUND: 404,
    METHOD_NOT_ALLOWED: 405,
    CONFLICT: 409,
    PAYLOAD_TOO_LARGE: 413,
    UNSUPPORTED_MEDIA_TYPE: 415,
    VALIDATION_FAILED: 422,
    RATE_LIMITED: 429,
    INTERNAL: 500,
    UNAVAILABLE: 503,
};

const MESSAGES = {
    INVALID_JSON: 'The body is not valid JSON.',
    UNAUTHENTICATED: 'Sign in first.',
    FORBIDDEN: 'This is not allowed.',
    NOT_FOUND: 'There is nothing here.',
    METHOD_NOT_ALLOWED: 'This path does not take this method.',
    CONFLICT: 'This contradicts what is there already.',
    PAYLOAD_TOO_LARGE: 'The request is too large.',
    UNSUPPORTED_MEDIA_TYPE: 'The body must be application/json.',
    VALIDATION_FAILED: 'Something in the request is not valid.',
    RATE_LIMITED: 'Too many requests; wait a little.',
    INTERNAL: 'Something went wrong on our side.',
    UNAVAILABLE: 'Busy right now; try again shortly.',
};

/* PostgREST's codes and PostgreSQL's, and where there is none, the class of the latter: its first two characters. */
const TRANSLATIONS = {
    PGRST000: 'UNAVAILABLE', PGRST001: 'UNAVAILABLE', PGRST002: 'UNAVAILABLE', PGRST003: 'UNAVAILABLE',
    PGRST102: 'VALIDATION_FAILED', PGRST116: 'NOT_FOUND', PGRST202: 'VALIDATION_FAILED',
    PGRST301: 'UNAUTHENTICATED', PGRST302: 'UNAUTHENTICATED', PGRST303: 'UNAUTHENTICATED',
    42501: 'FORBIDDEN',
    22012: 'INTERNAL', // division by zero is a fault of ours
    23502: 'VALIDATION_FAILED', 23503: 'CONFLICT', 23505: 'CONFLICT', 23514: 'VALIDATION_FAILED', '23P01': 'CONFLICT',
    '40P01': 'UNAVAILABLE', '55P03': 'UNAVAILABLE',
    '08': 'UNAVAILABLE', 22: 'VALIDATION_FAILED', 53: 'UNAVAILABLE', 57: 'UNAVAILABLE',
};

/* What nginx's own statuses mean; 400, 414 and 431 are requests that it could not even read. */
const BY_STATUS = {
    400: 'VALIDATION_FAILED', 403: 'FORBIDDEN', 404: 'NOT_FOUND', 405: 'METHOD_NOT_ALLOWED', 413: 'PAYLOAD_TOO_LARGE',
    414: 'PAYLOAD_TOO_LARGE', 415: 'UNSUPPORTED_MEDIA_TYPE', 429: 'RATE_LIMITED', 431: 'PAYLOAD_TOO_LARGE',
    502: 'UNAVAILABLE', 503: 'UNAVAILABLE', 504: 'UNAVAILABLE',
};

/* A refusal to throw; api.js answers it. */
function failure(code, details) {
    return { code, status: STATUSES[code], message: MESSAGES[code], details: details || null };
}

/* fields says what is wrong with each, by its name in the contract. */
function invalid(fields) {
    return failure('VALIDATION_FAILED', { fields });
}

/*
 * The refusal that an answer of PostgREST stands for; its body is not always JSON, nor complete. args is what was asked
 * with, named as in the contract.
 */
function fromPostgrest(status, text, args) {
    const error = parsed(text) || {};
    const code = String(error.code);
    if (/^[A-Z_]{6,}$/.test(code)) { // app.fail in SQL: SQLSTATEs are shorter, and PostgREST's codes hold digits
        return { code, status, message: error.message, details: opened(error.details) };
    }
    if (status === 401) {
        return failure('UNAUTHENTICATED');
    }
    const translated = TRANSLATIONS[code] || TRANSLATIONS[code.slice(0, 2)];
    if (translated === 'VALIDATION_FAILED') {
        return failure(translated, blamed(error.message, args));
    }
    return failure(translated || (status > 501 ? 'UNAVAILABLE' : 'INTERNAL'));
}

/* The fields whose value PostgreSQL could not read: its message ends with that value. Null when it names none. */
function blamed(message, args) {
    const quoted = /: "([^]*)"$/.exec(message);
    const names = Object.keys(args).filter((name) => quoted && String(args[name]) === quoted[1]);
    const fields = {};
    names.forEach((name) => {
        fields[name] = 'is not valid';
    });
    return names.length ? { fields } : null;
}

/* Details are JSON in a string, because PostgREST 12 takes only text there. */
function opened(details) {
    if (typeof details !== 'string') {
        return details || null;
    }
    return parsed(keys.camel(details)) || details;
}

function parsed(text) {
    try {
        return JSON.parse(text);
    } catch (e) {
        return null;
    }
}

function envelope(refusal) {
    return JSON.stringify({
        ok: false,
        error: { code: refusal.code, message: refusal.message, details: refusal.details },
    });
}

/* The body of nginx's own error pages; below /rest/v1 in PostgREST's shape, which its client libraries read. */
function page(r) {
    const code = BY_STATUS[r.variables.status] || 'INTERNAL';
    if (/^\/rest\/v1(\/|\?|$)/.test(r.variables.request_uri)) {
        return JSON.stringify({ code, message: MESSAGES[code], details: null, hint: null });
    }
    return envelope(failure(code));
}

export default { envelope, failure, fromPostgrest, invalid, page };
