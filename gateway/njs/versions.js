/*
 * Versions of a row between HTTP and the database: If-Match asks for one, the ETag tells the one that is there. Whether
 * they are the same, the database decides (app.require_version).
 */

import failures from './failures.js';

const TAG = /^"([1-9]\d{0,8})"$/;

/* The argument of a change that must meet the version which its caller has seen; none when any will do. */
function expected(r) {
    const wanted = r.headersIn['If-Match'];
    if (wanted === undefined || wanted.trim() === '*') {
        return {};
    }
    const tag = TAG.exec(wanted.trim());
    if (!tag) {
        throw failures.invalid({ 'If-Match': 'is neither an ETag of ours nor *' });
    }
    return { version: Number(tag[1]) };
}

/* The ETag of what PostgREST gave. */
function etag(json) {
    return `"${JSON.parse(json).version}"`;
}

export default { etag, expected };
