/**
 * Why something a test suite needs cannot be had here. A suite may show `message` and `next` and skip.
 *
 * @typedef {'bad-setting' | 'missing-tool' | 'missing-packages' | 'unsupported-platform'
 *   | 'install-failed' | 'build-failed' | 'download-failed' | 'busy' | 'stopped'} ProblemKind
 * @typedef {Error & {kind: ProblemKind, next: string}} Problem
 */

/**
 * @param {ProblemKind} kind
 * @param {string} message one sentence for a person
 * @param {string} next what that person can do about it
 * @returns {Problem}
 */
export function problem(kind, message, next) {
  return Object.assign(new Error(message), { kind, next });
}

/** @returns {Problem} */
export function stopped() {
  return problem("stopped", "The work was stopped before it was done.", "Start it again when you like; nothing half-made was kept.");
}
