/* Answers /api/v1: finds the route, and has PostgREST or the sidecar answer it. Nothing is decided here. */

import failures from './failures.js';
import postgrest from './postgrest.js';
import request from './request.js';
import router from './router.js';
import versions from './versions.js';

const PREFIX = '/api/v1';
const UNCHECKED = 299; // stands for 200 until nginx's own filters have been passed

async function handle(r) {
    try {
        await answer(r);
    } catch (e) {
        refuse(r, e);
    }
}

async function answer(r) {
    const found = router.find(r.method, r.uri.slice(PREFIX.length));
    if (!found.allowed.length) {
        throw failures.failure('NOT_FOUND');
    }
    if (!found.route) {
        answerMethods(r, found.allowed);
        return;
    }
    guard(r, found.route);
    if (found.route.to) {
        request.requireIds(found.params);
        r.internalRedirect('@' + found.route.to);
        return;
    }
    const args = request.args(r, found.route, found.params);
    await ask(r, found.route, found.route.versioned ? Object.assign(args, versions.expected(r)) : args);
}

/* OPTIONS (nginx adds what a browser's preflight asks for), or a method that the path does not take. */
function answerMethods(r, allowed) {
    r.headersOut.Allow = router.allow(allowed);
    if (r.method !== 'OPTIONS') {
        throw failures.failure('METHOD_NOT_ALLOWED');
    }
    r.return(204);
}

/* Refuses what another site's page could have sent. Where no credentials are passed on, none can be abused. */
function guard(r, route) {
    const forged = route.writes ? r.variables.foreign : r.variables.forged;
    if (forged === '1' && route.to !== 'anonymous') {
        throw failures.failure('FORBIDDEN');
    }
    if (r.variables.unsupported_media === '1' && !route.form) {
        throw failures.failure('UNSUPPORTED_MEDIA_TYPE');
    }
}

async function ask(r, route, args) {
    const call = postgrest.call(route, args);
    r.variables.wanted = call.wanted;
    let reply = await r.subrequest(call.uri, call.options);
    if (postgrest.isOvertaken(reply)) {
        reply = await r.subrequest(call.uri, call.options);
    }
    if (reply.status >= 300) {
        keepRetryAfter(r, reply);
        throw refusalOf(r, reply, args);
    }
    if (route.versioned) {
        r.headersOut.ETag = versions.etag(reply.responseText);
    }
    send(r, route.status || 200, postgrest.envelope(route, args, reply));
}

/* A fault of ours is told to the log alone, and of that the code: its words, which PostgreSQL's log has, quote rows. */
function refusalOf(r, reply, args) {
    const refusal = failures.fromPostgrest(reply.status, reply.responseText, args);
    if (refusal.status >= 500) {
        const found = /"code" *: *"(\w+)"/.exec(reply.responseText);
        r.error(`${r.variables.correlation_id}: PostgREST ${reply.status} ${found ? found[1] : 'without a code'}`);
    }
    return refusal;
}

function keepRetryAfter(r, reply) {
    if (reply.headersOut['Retry-After']) {
        r.headersOut['Retry-After'] = reply.headersOut['Retry-After'];
    }
}

function refuse(r, e) {
    const refusal = e.code ? e : failures.failure('INTERNAL');
    if (refusal !== e) {
        r.error(`${r.variables.correlation_id}: ${e}`);
    }
    send(r, refusal.status, failures.envelope(refusal));
}

/*
 * nginx holds every 200 against If-Match and its kin, and answers 412 or 304 in its place when no file of its own has
 * that ETag: after the change has been made. It looks at no other status.
 */
function send(r, status, body) {
    r.headersOut['Content-Type'] = 'application/json';
    r.return(status === 200 ? UNCHECKED : status, body);
}

function reveal(r) {
    if (r.status === UNCHECKED) {
        r.status = 200;
    }
}

export default { handle, reveal };
