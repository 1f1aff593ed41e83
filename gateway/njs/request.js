/* What the caller sent, held against what its line of the route table takes. */

import failures from './failures.js';
import postgrest from './postgrest.js';
import types from './types.js';

// An escaped pair of surrogates, one alone (in parentheses), or any other escape.
const ESCAPE = /\\u[dD][89abAB][^]{2}\\u[dD][c-fC-F][^]{2}|(\\u[dD][89a-fA-F])|\\[^]/g;
// A text, which is passed over, or what njs may have read as a number: 01, 1. and .5, too.
const TOKEN = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?[\d.][\d.eE+-]*/g;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/*
 * The arguments of a call, named as in the contract: path parameters, query and body together.
 * Throws VALIDATION_FAILED with every field that is unknown, repeated, no id or of another type, and INVALID_JSON. What
 * is missing, the function that misses it says.
 */
function args(r, route, params) {
    const complaints = Object.create(null); // takes a name like __proto__, too
    const sent = {};
    const fields = {};
    checkTypes(params, complaints);
    checkOnce(r.args, complaints);
    take(r.args, postgrest.queryFields(route), sent, complaints);
    take(body(r), route.body || [], fields, complaints);
    checkTypes(sent, complaints);
    checkTypes(fields, complaints);
    requireNone(complaints);
    return Object.assign(sent, route.into ? { [route.into]: fields } : fields, params);
}

/* What a route of the sidecar's is held against here: it reads the rest itself. */
function requireIds(params) {
    const complaints = {};
    checkTypes(params, complaints);
    requireNone(complaints);
}

function requireNone(complaints) {
    if (Object.keys(complaints).length) {
        throw failures.invalid(complaints);
    }
}

/* A parameter that the query repeats arrives as an array. */
function checkOnce(query, complaints) {
    for (const name in query) {
        if (Array.isArray(query[name])) {
            complaints[name] = 'is given more than once';
        }
    }
}

/* Moves the fields that the route takes from given to sent. */
function take(given, fields, sent, complaints) {
    Object.keys(given).forEach((name) => {
        if (fields.includes(name)) {
            sent[name] = given[name];
        } else {
            complaints[name] = 'is not known here';
        }
    });
}

function checkTypes(fields, complaints) {
    for (const name in fields) {
        const complaint = types.complaint(name, fields[name]);
        if (complaint && !complaints[name]) {
            complaints[name] = complaint;
        }
    }
}

/* The body's object; an empty one when there is no body. */
function body(r) {
    const bytes = r.method === 'GET' || r.method === 'HEAD' ? null : received(r);
    if (!bytes || bytes.length === 0) {
        return {};
    }
    const value = parsed(bytes);
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
        throw failures.invalid({ body: 'is not an object' });
    }
    return value;
}

/* In absurdly small chunks, even a short body overflows its buffer into a file, where njs can't read it. */
function received(r) {
    try {
        return r.requestBuffer;
    } catch (e) {
        throw failures.failure('PAYLOAD_TOO_LARGE');
    }
}

function parsed(bytes) {
    try {
        const text = whole(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
        const value = JSON.parse(text);
        requireNumbers(text);
        return value;
    } catch (e) {
        throw failures.failure('INVALID_JSON');
    }
}

/* The text, if every escaped half of a character has its other half: njs would put another character in its place. */
function whole(text) {
    let escape;
    ESCAPE.lastIndex = 0;  // a text that was refused has left its own
    while ((escape = ESCAPE.exec(text)) !== null) {
        if (escape[1]) {
            throw new SyntaxError('half a character');
        }
    }
    return text;
}

/* Of a text that is JSON otherwise. */
function requireNumbers(text) {
    (text.match(TOKEN) || []).forEach((token) => {
        if (token[0] !== '"' && !NUMBER.test(token)) {
            throw new SyntaxError('no number of JSON');
        }
    });
}

export default { args, requireIds };
