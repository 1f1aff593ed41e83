/* Headers that a map alone can't write. */

import router from './router.js';

const REST = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/* The caller's Prefer without count=…, however often it stands there. */
function uncountedPrefer(r) {
    return r.headersIn.Prefer
        .split(',')
        .filter((preference) => /^[\x20-\x7e]*$/.test(preference) && !/^\s*count\b/i.test(preference))
        .join(',');
}

/* 1 for what is percent-encoded and no UTF-8: PostgREST would answer 500 to it. */
function isGarbled(r) {
    try {
        decodeURIComponent(r.variables.request_uri);
        return '0';
    } catch (e) {
        return '1';
    }
}

/* Allow, where nginx itself refuses a method (TRACE, or a change of a file) and does not say which it takes. */
function allow(r) {
    const path = r.variables.request_uri.split('?')[0];
    if (path.startsWith('/api/v1/')) {
        return router.allow(router.find(r.method, path.slice('/api/v1'.length)).allowed);
    }
    return path.startsWith('/rest/v1/') ? router.allow(REST) : 'GET, HEAD';
}

export default { allow, isGarbled, uncountedPrefer };
