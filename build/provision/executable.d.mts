/** @param {string} path @returns {Promise<boolean>} true for a plain file that this user may run */
export declare function isExecutable(path: string): Promise<boolean>;
/** @param {string} path @returns {Promise<boolean>} */
export declare function isReadable(path: string): Promise<boolean>;
/**
 * @param {readonly string[]} names in order of preference
 * @returns {Promise<string | undefined>} the path of the first one that PATH knows
 */
export declare function findOnPath(names: readonly string[]): Promise<string | undefined>;
/**
 * The executable a person chose by an environment variable. A wrong choice is reported, never
 * passed over: quietly testing another program than the one named would be a lie.
 *
 * @param {string} variable
 * @returns {Promise<string | undefined>}
 */
export declare function chosenByEnvironment(variable: string): Promise<string | undefined>;
