/* From a line of the route table to a call of PostgREST, and from its answer to ours. */

import failures from './failures.js';
import keys from './keys.js';
import pages from './pages.js';

const ROOT = '/postgrest/'; // the internal location that passes it on
const ONE = 'application/vnd.pgrst.object+json';
const LIST_QUERY = ['limit', 'cursor'];

/* The query parameters that a route takes. */
function queryFields(route) {
    const own = route.query || [];
    return route.list || route.search ? own.concat(LIST_QUERY) : own;
}

/* The call: { uri, wanted (the representation), options (of r.subrequest) }. */
function call(route, args) {
    if (route.rpc) {
        const body = keys.snake(JSON.stringify(args));
        return request(`rpc/${route.rpc}`, route.select ? ONE : 'application/json', 'POST', selected(route), body);
    }
    if (route.search) {
        const body = keys.snake(JSON.stringify(searched(route, args)));
        return request(`rpc/${route.search}`, 'application/json', 'POST', selected(route), body);
    }
    if (route.list) {
        const page = pages.query(pages.limit(args.limit), args.cursor);
        return request(route.list, 'application/json', 'GET', `${selected(route)}&${page}`);
    }
    return request(route.one, ONE, 'GET', selected(route) + filters(args));
}

/* A search's arguments: the filters, and the page. */
function searched(route, args) {
    const filters = Object.assign({}, args);
    delete filters.limit;
    delete filters.cursor;
    return Object.assign(filters, pages.asked(pages.limit(args.limit), args.cursor, route.forward));
}

function request(path, wanted, method, args, body) {
    return { uri: ROOT + path, wanted, options: { method, args, body } };
}

function selected(route) {
    return route.select ? `select=${route.select}` : '';
}

function filters(args) {
    return Object.keys(args).map((name) => `&${name}=eq.${encodeURIComponent(args[name])}`).join('');
}

/* The body of a success, in the envelope. */
function envelope(route, args, reply) {
    const text = reply.responseText || 'null'; // functions that return nothing
    if (!isWhole(text)) {
        throw failures.failure('UNAVAILABLE');
    }
    const json = route.renamed ? keys.camel(text) : text;
    if (!route.list && !route.search) {
        return `{"ok":true,"data":${json}}`;
    }
    const range = reply.headersOut['Content-Range'];
    const shown = pages.shown(json, pages.limit(args.limit), range, route.forward || 'createdAt');
    return `{"ok":true,"data":${shown.rows},"page":${JSON.stringify(shown.page)}}`;
}

/*
 * Whether the answer came to its end, which the status can't tell: PostgREST may die while it sends. To parse it only for
 * that would cost as much as all the rest here.
 */
function isWhole(text) {
    const ends = text[0] + text[text.length - 1];
    return ends === '{}' || ends === '[]' || text === 'null';
}

/*
 * Whether a migration changed the columns of a view just while a function that gives its rows was being called: nothing
 * was done, and the next call knows the new columns.
 */
function isOvertaken(reply) {
    return reply.status >= 400 && /"code":\s*"42804"/.test(reply.responseText);
}

export default { call, envelope, isOvertaken, queryFields };
