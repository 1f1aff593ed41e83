/* Finds the line of the route table that a request means. */

import routes from './routes.js';

const NAMED = routes.filter((route) => !route.path.includes('{'));
const PATTERNS = routes.filter((route) => route.path.includes('{'));

/*
 * find('GET', '/pets/0190…') gives { route, params: { id: '0190…' }, allowed: ['GET', 'HEAD', 'PUT', 'DELETE'] }.
 * No route: the path has none for this method. Nothing allowed: there is no such path. A path without parameters is
 * nothing but itself: /users/preview is no user.
 */
function find(method, path) {
    const found = among(NAMED, method, path);
    return found.allowed.length ? found : among(PATTERNS, method, path);
}

function among(candidates, method, path) {
    const found = { route: null, params: null, allowed: [] };
    const words = path.split('/');
    candidates.forEach((route) => {
        const params = bind(route.path, words);
        if (!params) {
            return;
        }
        const methods = methodsOf(route);
        found.allowed = found.allowed.concat(methods);
        if (!found.route && methods.includes(method)) {
            found.route = route;
            found.params = params;
        }
    });
    return found;
}

/* nginx leaves the body of an answer to HEAD out. */
function methodsOf(route) {
    return route.method === 'GET' && !route.headless ? ['GET', 'HEAD'] : [route.method];
}

/* The path parameters when the path fits the pattern, else null. */
function bind(pattern, words) {
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

/* What Allow says of a path that takes these methods; nginx answers OPTIONS. */
function allow(methods) {
    return methods.concat('OPTIONS').join(', ');
}

export default { allow, find };
