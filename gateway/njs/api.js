/* Answers /api/v1: finds the route, and has PostgREST or the sidecar answer it. Nothing is decided here. */

import failures from './failures.js';
import postgrest from './postgrest.js';
import request from './request.js';
import router from './router.js';

const PREFIX = '/api/v1';
const MEANT = { HEAD: 'GET' }; // nginx leaves the body out

async function handle(r) {
    try {
        await answer(r);
    } catch (e) {
        refuse(r, e);
    }
}

async function answer(r) {
    const found = router.find(MEANT[r.method] || r.method, r.uri.slice(PREFIX.length));
    if (!found.allowed.length) {
        throw failures.failure('NOT_FOUND');
    }
    if (!found.route) {
        answerMethods(r, found.allowed);
        return;
    }
    guard(r, found.route);
    if (found.route.to) {
        r.internalRedirect('@' + found.route.to);
        return;
    }
    await ask(r, found.route, request.args(r, found.route, found.params));
}

/* OPTIONS (nginx adds what a browser's preflight asks for), or a method that the path does not take. */
function answerMethods(r, allowed) {
    const more = allowed.includes('GET') ? ['HEAD', 'OPTIONS'] : ['OPTIONS'];
    r.headersOut.Allow = allowed.concat(more).join(', ');
    if (r.method !== 'OPTIONS') {
        throw failures.failure('METHOD_NOT_ALLOWED');
    }
    r.return(204);
}

/* Refuses what another site's page could have sent. Where no credentials are passed on, none can be abused. */
function guard(r, route) {
    if (r.variables.forged === '1' && route.to !== 'anonymous') {
        throw failures.failure('FORBIDDEN');
    }
    if (r.variables.unsupported_media === '1' && !route.form) {
        throw failures.failure('UNSUPPORTED_MEDIA_TYPE');
    }
}

async function ask(r, route, args) {
    const call = postgrest.call(route, args);
    r.variables.wanted = call.wanted;
    const reply = await r.subrequest(call.uri, call.options);
    if (reply.status >= 300) {
        keepRetryAfter(r, reply);
        throw refusalOf(r, reply, args);
    }
    send(r, route.status || 200, postgrest.envelope(route, args, reply));
}

/* A fault of ours is told to the log alone. */
function refusalOf(r, reply, args) {
    const refusal = failures.fromPostgrest(reply.status, reply.responseText, args);
    if (refusal.status >= 500) {
        r.error(`${r.variables.correlation_id}: PostgREST ${reply.status} ${reply.responseText}`);
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

function send(r, status, body) {
    r.headersOut['Content-Type'] = 'application/json';
    r.return(status, body);
}

export default { handle };
