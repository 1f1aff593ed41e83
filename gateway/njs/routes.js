/*
 * The contract of /api/v1: one line an endpoint, and nothing but data.
 *
 *   one     a row of this view; path parameters are its filters
 *   list    rows of this view, newest first, by limit and cursor
 *   search  rows that this function finds, likewise; query are its filters
 *   forward the field by whose time a search goes forwards, where the newest are not first
 *   rpc     this function; path parameters, query and body are its arguments
 *   to      the sidecar, which answers in the envelope itself; 'anonymous' keeps the caller's credentials from it,
 *           'stream' is an answer without an end, 'export' a long file, and 'once' a GET that is not repeated when the sidecar dies
 *   select  what PostgREST shall return of it, name in the contract:column (everything, when left out)
 *   renamed the answer holds JSON made in the database, whose names are turned into ours, at every depth
 *   query   the parameters and
 *   body    the fields that may be sent; the function says which of them it misses
 *   into    the argument that takes the body whole, so that a field that is null is told from one that is left out
 *   writes  a GET that changes something: a cookie alone does not vouch for it
 *   headless  a GET that does more than look: no HEAD stands for it
 *   form    a body that is not JSON is allowed
 *   versioned  the answer's version is its ETag, and If-Match is the argument version of a change
 *   status  of a success, if it is not 200
 *
 * Arguments get the database's snake_case names by themselves. A parameter in braces is a UUID. A path without parameters
 * is taken before one with.
 */

const USER = 'id,role,name,mobile';
const PET = 'id,type,name,breed,gender,neutered,birthDate:birth_date,createdAt:created_at';
const PET_FIELDS = ['type', 'name', 'breed', 'gender', 'neutered', 'birthDate'];
const HOLD = 'appointmentId:id,startAt:start_at,endAt:end_at,holdExpiresAt:hold_expires_at,status';
const CONSULTATION = 'id,pet_id,type,status,base_price_toman,currency,message_text,voice_media_id,created_at,' +
    `updated_at,expires_at,appointment,pet:pets(${PET}),media,payment`;
const DOCTOR = 'id,userId:user_id,displayName:display_name,isActive:is_active,name,mobile,' +
    'isUserActive:is_user_active,takesCalls:takes_calls,createdAt:created_at,updatedAt:updated_at';
const ABSENCE = 'id,doctorId:doctor_id,doctorName:doctor_name,startAt:start_at,endAt:end_at,reason,' +
    'createdAt:created_at,updatedAt:updated_at';
const CLOSURE = 'id,startAt:start_at,endAt:end_at,reason,createdAt:created_at,updatedAt:updated_at';
const CONFIG_FIELDS = [
    'tz', 'openWeekdays', 'startHour', 'endHour', 'slotMinutes', 'holdMinutes', 'paymentWindowMinutes', 'priceToman',
    'bookingHorizonDays', 'maxLiveHolds', 'cooldownAfterExpiredHolds', 'cooldownMinutes', 'consultationTtlHours',
    'doctorAssignment', 'reminderMinutes', 'smsConfirmedTemplate', 'smsSlotLostTemplate', 'smsMovedTemplate',
    'smsCanceledTemplate', 'smsReminderTemplate', 'messageRetentionDays', 'medicalRetentionDays',
];
const ADMIN_CONSULTATION = 'id,user_id,pet_id,type,status,base_price_toman,currency,message_text,voice_media_id,' +
    'created_at,updated_at,expires_at,version,user:owner,pet,appointment,media,payment';
const ADMIN_DETAILS = `${ADMIN_CONSULTATION},appointments,payments,refunds,audit`;
const ADMIN_PAYMENT = 'id,consultation_id,appointment_id,provider,amount_toman,amount_rials,ref_id,card_pan,status,' +
    'paid_at,created_at,updated_at,user:owner,refund';
const ADMIN_USER = 'id,role,name,mobile,isActive:is_active,lastLoginAt:last_login_at,createdAt:created_at';
const DOCTOR_APPOINTMENT = 'id,start_at,end_at,status,outcome,version,created_at,updated_at,user:owner,pet,consultation,media';
const NOTIFICATION = 'id,type,payload,is_read,created_at';

export default [
    { method: 'POST', path: '/auth/register', to: 'anonymous' },
    { method: 'POST', path: '/auth/login', to: 'anonymous' },
    { method: 'POST', path: '/auth/token', to: 'anonymous' },
    { method: 'POST', path: '/auth/refresh', to: 'sidecar' },
    { method: 'POST', path: '/auth/logout', to: 'sidecar' },
    { method: 'POST', path: '/auth/change-password', to: 'sidecar' },
    { method: 'GET', path: '/me', one: 'me', select: USER },

    { method: 'POST', path: '/pets', rpc: 'create_pet', body: PET_FIELDS, select: PET, status: 201 },
    { method: 'GET', path: '/pets', list: 'pets', select: PET },
    { method: 'GET', path: '/pets/{id}', one: 'pets', select: PET },
    { method: 'PUT', path: '/pets/{petId}', rpc: 'replace_pet', body: PET_FIELDS, select: PET },
    { method: 'DELETE', path: '/pets/{petId}', rpc: 'delete_pet' },

    { method: 'POST', path: '/consultations', rpc: 'create_consultation', body: ['petId', 'type'],
      select: CONSULTATION, renamed: true, status: 201 },
    { method: 'GET', path: '/consultations', list: 'consultations', select: CONSULTATION, renamed: true },
    { method: 'GET', path: '/consultations/{id}', one: 'consultations', select: CONSULTATION, renamed: true },
    { method: 'PATCH', path: '/consultations/{consultationId}/details', to: 'sidecar' },
    { method: 'POST', path: '/consultations/{consultationId}/attachments', to: 'sidecar' },
    { method: 'POST', path: '/consultations/{consultationId}/hold-slot', rpc: 'hold_slot', body: ['startAt'],
      select: HOLD },
    { method: 'DELETE', path: '/consultations/{consultationId}/hold-slot', rpc: 'release_hold',
      select: CONSULTATION, renamed: true },
    { method: 'POST', path: '/consultations/{consultationId}/cancel', rpc: 'cancel_consultation',
      select: CONSULTATION, renamed: true },

    { method: 'GET', path: '/uploads/presign', to: 'once', writes: true, headless: true },
    { method: 'GET', path: '/media/{mediaId}/download', to: 'sidecar', headless: true },

    { method: 'GET', path: '/availability', rpc: 'availability', query: ['from', 'to'], renamed: true },

    { method: 'POST', path: '/payments/initiate', to: 'sidecar' },
    { method: 'GET', path: '/payments/callback/zarinpal', to: 'anonymous', headless: true },
    { method: 'GET', path: '/payments/mock/{paymentId}', to: 'anonymous' },
    { method: 'POST', path: '/payments/mock/{paymentId}', to: 'anonymous', form: true },

    { method: 'GET', path: '/doctor/appointments', search: 'search_doctor_appointments', query: ['from', 'to', 'status'],
      forward: 'startAt', select: DOCTOR_APPOINTMENT, renamed: true },
    { method: 'POST', path: '/doctor/appointments/{appointmentId}/complete', rpc: 'complete_appointment',
      body: ['outcome'], select: DOCTOR_APPOINTMENT, renamed: true },

    { method: 'GET', path: '/admin/consultations', search: 'search_consultations',
      query: ['status', 'from', 'to', 'mobile', 'name', 'petType', 'doctorId'], select: ADMIN_CONSULTATION, renamed: true },
    { method: 'GET', path: '/admin/consultations/{id}', to: 'sidecar' },
    { method: 'PATCH', path: '/admin/consultations/{consultationId}', rpc: 'edit_consultation',
      body: ['status', 'doctorId', 'startAt', 'outcome'], select: ADMIN_DETAILS, renamed: true, versioned: true },
    { method: 'GET', path: '/admin/payments', search: 'search_payments', query: ['status', 'from', 'to', 'mobile', 'name'],
      select: ADMIN_PAYMENT, renamed: true },
    { method: 'GET', path: '/admin/export/consultations.csv', to: 'export' },
    { method: 'GET', path: '/admin/export/payments.csv', to: 'export' },
    { method: 'GET', path: '/admin/export/summary.csv', to: 'export' },
    { method: 'GET', path: '/admin/summary', rpc: 'summary', query: ['from', 'to'], renamed: true },
    { method: 'GET', path: '/admin/users', search: 'search_users', query: ['mobile', 'name', 'role'],
      select: ADMIN_USER },
    { method: 'POST', path: '/admin/payments/{paymentId}/settle', to: 'sidecar' },
    { method: 'POST', path: '/admin/payments/{paymentId}/refund', to: 'sidecar' },

    { method: 'POST', path: '/admin/users', to: 'sidecar' },
    { method: 'PATCH', path: '/admin/users/{id}', to: 'sidecar' },
    { method: 'POST', path: '/admin/users/preview', rpc: 'preview_user_deactivation', body: ['userId'], renamed: true },
    { method: 'POST', path: '/admin/users/{userId}/preview', rpc: 'preview_user_deactivation', renamed: true },

    { method: 'GET', path: '/admin/doctors', list: 'admin_doctors', select: DOCTOR },
    { method: 'POST', path: '/admin/doctors', to: 'sidecar' },
    { method: 'POST', path: '/admin/doctors/preview', rpc: 'preview_deactivation', body: ['doctorId'], renamed: true },
    { method: 'GET', path: '/admin/doctors/{id}', one: 'admin_doctors', select: DOCTOR },
    { method: 'PATCH', path: '/admin/doctors/{doctorId}', rpc: 'update_doctor', body: ['displayName', 'isActive'],
      select: DOCTOR },
    { method: 'POST', path: '/admin/doctors/{doctorId}/preview', rpc: 'preview_deactivation', renamed: true },

    { method: 'GET', path: '/admin/absences', list: 'admin_absences', select: ABSENCE },
    { method: 'POST', path: '/admin/absences', rpc: 'create_absence', body: ['doctorId', 'startAt', 'endAt', 'reason'],
      select: ABSENCE, status: 201 },
    { method: 'POST', path: '/admin/absences/preview', rpc: 'preview_absence', body: ['doctorId', 'startAt', 'endAt'],
      renamed: true },
    { method: 'GET', path: '/admin/absences/{id}', one: 'admin_absences', select: ABSENCE },
    { method: 'PATCH', path: '/admin/absences/{absenceId}', rpc: 'update_absence', body: ['startAt', 'endAt', 'reason'],
      select: ABSENCE },
    { method: 'DELETE', path: '/admin/absences/{absenceId}', rpc: 'delete_absence' },

    { method: 'GET', path: '/admin/closures', list: 'admin_closures', select: CLOSURE },
    { method: 'POST', path: '/admin/closures', rpc: 'create_closure', body: ['startAt', 'endAt', 'reason'],
      select: CLOSURE, status: 201 },
    { method: 'POST', path: '/admin/closures/preview', rpc: 'preview_closure', body: ['startAt', 'endAt'],
      renamed: true },
    { method: 'GET', path: '/admin/closures/{id}', one: 'admin_closures', select: CLOSURE },
    { method: 'PATCH', path: '/admin/closures/{closureId}', rpc: 'update_closure', body: ['startAt', 'endAt', 'reason'],
      select: CLOSURE },
    { method: 'DELETE', path: '/admin/closures/{closureId}', rpc: 'delete_closure' },

    { method: 'GET', path: '/admin/notifications', list: 'admin_notifications', select: NOTIFICATION, renamed: true },
    { method: 'PATCH', path: '/admin/notifications/{notificationId}/read', rpc: 'read_admin_notification',
      select: NOTIFICATION, renamed: true },

    { method: 'GET', path: '/admin/config', one: 'admin_config', renamed: true, versioned: true },
    { method: 'PATCH', path: '/admin/config', rpc: 'update_config', body: CONFIG_FIELDS, into: 'changes',
      renamed: true, versioned: true },

    { method: 'POST', path: '/admin/users/{userId}/export', rpc: 'export_user', renamed: true },
    { method: 'POST', path: '/admin/users/{userId}/erase', rpc: 'erase_user' },

    { method: 'GET', path: '/notifications', list: 'notifications', select: NOTIFICATION, renamed: true },
    { method: 'GET', path: '/notifications/stream', to: 'stream' },
    { method: 'PATCH', path: '/notifications/{notificationId}/read', rpc: 'read_notification', select: NOTIFICATION,
      renamed: true },
];
