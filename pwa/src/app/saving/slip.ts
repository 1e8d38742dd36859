/** How long what was just done may be taken back. Pure: the first screen imports it, and nothing of storage with it. */

/** Design: a capture may be taken back for so long. It is sealed and sent meanwhile: nothing is held back. */
export const UNDO_MS = 30_000;
/**
 * Another act has no event that takes it back, so it waits unsealed so long: time for a thumb that slipped to be
 * noticed. Whatever is saved after it, and leaving the app, ends the wait.
 */
export const SLIP_MS = 6_000;
