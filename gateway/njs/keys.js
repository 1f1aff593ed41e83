/*
 * Names of fields between the database (snake_case) and the contract (camelCase), at every depth.
 *
 * Both work on JSON text. A word between a quote and `":` is a key and nothing else, because quotes inside strings are
 * escaped. So there is no depth to run out of, and no object that a key like __proto__ could spoil; and it takes half
 * the time of walking through the parsed value (a regular expression over the whole text takes ten times as long).
 */

function camel(json) {
    return renamed(json, camelWord);
}

/* Only for what JSON.stringify wrote, which leaves no space before the colon. */
function snake(json) {
    return renamed(json, snakeWord);
}

function renamed(json, rename) {
    const names = Object.create(null);
    const parts = json.split('"');
    for (let i = 0; i < parts.length - 1; i++) {
        if (parts[i + 1].startsWith(':')) {
            const name = parts[i];
            if (names[name] === undefined) {
                names[name] = /^\w+$/.test(name) ? rename(name) : name;
            }
            parts[i] = names[name];
        }
    }
    return parts.join('"');
}

function camelWord(name) {
    return name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

function snakeWord(name) {
    return name.replace(/[A-Z]/g, (letter) => '_' + letter.toLowerCase());
}

export default { camel, snake };
