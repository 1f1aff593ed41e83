/* Finds the line of the route table that a request means. */

import routes from './routes.js';

/*
 * find('GET', '/pets/0190…') gives { route, params: { id: '0190…' }, allowed: ['GET', 'PUT', 'DELETE'] }.
 * No route: the path has none for this method. Nothing allowed: there is no such path.
 */
function find(method, path) {
    const found = { route: null, params: null, allowed: [] };
    const words = path.split('/');
    for (let i = 0; i < routes.length; i++) {
        const params = bind(routes[i].path, path, words);
        if (!params) {
            continue;
        }
        found.allowed.push(routes[i].method);
        if (!found.route && routes[i].method === method) {
            found.route = routes[i];
            found.params = params;
        }
    }
    return found;
}

/* The path parameters when the path fits the pattern, else null. */
function bind(pattern, path, words) {
    if (!pattern.includes('{')) {
        return pattern === path ? {} : null;
    }
    const parts = pattern.split('/');
    if (parts.length !== words.length) {
        return null;
    }
    const params = {};
    for (let i = 0; i < parts.length; i++) {
        if (parts[i].startsWith('{')) {
            params[parts[i].slice(1, -1)] = words[i];
        } else if (parts[i] !== words[i]) {
            return null;
        }
    }
    return params;
}

/* What Allow says of a path; HEAD comes with GET, and nginx answers OPTIONS. */
function allow(methods) {
    return methods.concat(methods.includes('GET') ? ['HEAD', 'OPTIONS'] : ['OPTIONS']).join(', ');
}

export default { allow, find };
