/*
 * Of which type the fields of bodies and the parameters of paths and queries are, all over the contract: text, unless
 * this says otherwise, and what is named …Id an id. PostgREST would take 0 for false and 5 for a name, which no
 * description could promise.
 */

const TYPES = {
    id: 'id', neutered: 'boolean', isActive: 'boolean',
    openWeekdays: 'array', birthDate: 'date', from: 'date', to: 'date', startAt: 'time', endAt: 'time',
    startHour: 'integer', endHour: 'integer', slotMinutes: 'integer', holdMinutes: 'integer',
    paymentWindowMinutes: 'integer', priceToman: 'integer', bookingHorizonDays: 'integer', maxLiveHolds: 'integer',
    cooldownAfterExpiredHolds: 'integer', cooldownMinutes: 'integer', consultationTtlHours: 'integer',
    reminderMinutes: 'integer', messageRetentionDays: 'integer', medicalRetentionDays: 'integer',
};
// PostgreSQL would take `now` as well, and what no client can read: infinity, or the year 294000.
const DATE = /^\d{4}-\d\d-\d\d$/;
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i;
// And ids in braces, with hyphens anywhere.
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const CHECKS = {
    id: (value) => typeof value === 'string' && ID.test(value),
    date: (value) => typeof value === 'string' && DATE.test(value),
    time: (value) => typeof value === 'string' && TIME.test(value),
    string: (value) => typeof value === 'string',
    boolean: (value) => typeof value === 'boolean',
    integer: (value) => Number.isInteger(value),
    array: (value) => Array.isArray(value),
};
const COMPLAINTS = {
    id: 'is not an id', string: 'is not a text', boolean: 'is not true or false', integer: 'is not a whole number',
    array: 'is not a list',
    date: 'is not a date, YYYY-MM-DD', time: 'is not a time with its offset, YYYY-MM-DDThh:mm:ss+03:30',
};

/* What is wrong with a field's value, or null. Whether it may be null, the function says. */
function complaint(name, value) {
    const type = TYPES[name] || (name.endsWith('Id') ? 'id' : 'string');
    if (value !== null && !CHECKS[type](value)) {
        return COMPLAINTS[type];
    }
    // No text of PostgreSQL's can. An object in a list is not asked what it is as a text: it brings its own toString.
    const isUnstorable = [].concat(value).some((each) => typeof each === 'string' && each.includes('\0'));
    return isUnstorable ? 'must not contain the character zero' : null;
}

export default { complaint };
