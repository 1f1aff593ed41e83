/*
 * Lists by keyset: newest first, unless a search goes forwards by a time of its own; the cursor is the place after the last
 * row shown. New rows never shift a page, and the thousandth costs what the first does.
 */

import failures from './failures.js';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
const PLACE = /^(\d{4}-\d\d-\d\dT[0-9:.]{8,15}[+-]\d\d:\d\d) ([0-9a-f-]{36})$/;

function limit(text) {
    if (text === undefined) {
        return DEFAULT_LIMIT;
    }
    if (!/^[1-9]\d{0,2}$/.test(text) || Number(text) > MAX_LIMIT) {
        throw failures.invalid({ limit: `is not a number from 1 to ${MAX_LIMIT}` });
    }
    return Number(text);
}

/* The PostgREST query for one page: one row more than is shown tells whether another page follows. */
function query(size, cursor) {
    const order = `order=created_at.desc,id.desc&limit=${size + 1}`;
    if (cursor === undefined) {
        return order;
    }
    const last = place(cursor);
    const time = encodeURIComponent(last.time);
    const earlier = `or=(created_at.lt."${time}",and(created_at.eq."${time}",id.lt.${last.id}))`;
    return `${order}&created_at=lte.${time}&${earlier}`; // the first is what the index starts from
}

/* The same page for a function that searches: the arguments that stand for limit and cursor. */
function asked(size, cursor, forward) {
    const rows = { maxRows: size + 1 };
    if (cursor === undefined) {
        return rows;
    }
    const last = place(cursor);
    const after = forward
        ? { afterAt: last.time, afterId: last.id }
        : { beforeAt: last.time, beforeId: last.id };
    return Object.assign(rows, after);
}

function place(cursor) {
    const found = PLACE.exec(Buffer.from(cursor, 'base64url').toString());
    if (!found) {
        throw failures.invalid({ cursor: 'is not one that a list gave' });
    }
    return { time: found[1], id: found[2] };
}

/*
 * What is shown of the rows that PostgREST gave (JSON; its Content-Range counts them), and where the next page starts.
 * Only a list that goes on has to be opened, to take the surplus row off.
 */
function shown(json, size, range, key) {
    if (count(range) <= size) {
        return { rows: json, page: { limit: size, nextCursor: null } };
    }
    const rows = JSON.parse(json).slice(0, size);
    return { rows: JSON.stringify(rows), page: { limit: size, nextCursor: cursorAfter(rows[size - 1], key) } };
}

/* The number of rows that a Content-Range such as 0-20/* tells of; there are none in the range of none. */
function count(range) {
    const last = /^0-(\d+)\//.exec(range);
    return last ? Number(last[1]) + 1 : 0;
}

/* The key is the field by whose time the list is in order. */
function cursorAfter(row, key) {
    return Buffer.from(`${row[key]} ${row.id}`).toString('base64url');
}

export default { asked, limit, query, shown };
