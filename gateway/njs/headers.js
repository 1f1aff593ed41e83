/* Headers that a map alone can't rewrite. */

/* The caller's Prefer without count=…, however often it stands there. */
function uncountedPrefer(r) {
    return r.headersIn.Prefer
        .split(',')
        .filter((preference) => /^[\x20-\x7e]*$/.test(preference) && !/^\s*count\b/i.test(preference))
        .join(',');
}

export default { uncountedPrefer };
