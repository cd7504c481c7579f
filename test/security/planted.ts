/** Leaked on purpose by test/security/keep-logs.ts: a search that does not find it has found nothing. */
export const PLANTED = 'planted-secret-that-must-be-found';
