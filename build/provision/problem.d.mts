/**
 * Why something a test suite needs cannot be had here. A suite may show `message` and `next` and skip.
 *
 * @typedef {'bad-setting' | 'missing-tool' | 'missing-packages' | 'unsupported-platform'
 *   | 'install-failed' | 'build-failed' | 'download-failed' | 'busy' | 'stopped'} ProblemKind
 * @typedef {Error & {kind: ProblemKind, next: string}} Problem
 */
export type ProblemKind = 'bad-setting' | 'missing-tool' | 'missing-packages' | 'unsupported-platform' | 'install-failed' | 'build-failed' | 'download-failed' | 'busy' | 'stopped';
export type Problem = Error & {
    kind: ProblemKind;
    next: string;
};
/**
 * @param {ProblemKind} kind
 * @param {string} message one sentence for a person
 * @param {string} next what that person can do about it
 * @returns {Problem}
 */
export declare function problem(kind: ProblemKind, message: string, next: string): Problem;
/** @returns {Problem} */
export declare function stopped(): Problem;
