/** The governor's words, as the journal carries them. They import nothing: the events are made of them. */

/** Message codes (resources/messages `heat.*`); the numbers that belong to one stand beside it. */
export const REASONS = ["hot", "room", "red", "pressure", "throttled", "too-hot-at-least", "cooled", "blind", "room-for-batches"] as const;
export type Reason = (typeof REASONS)[number];

export const ACTIONS = ["pace", "rest", "resume", "smaller-batches", "plan-batches"] as const;
export type GovernorAction = (typeof ACTIONS)[number];
