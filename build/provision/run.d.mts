export type RunOptions = {
    cwd?: string;
    /**
     * added to this process's own
     */
    env?: Record<string, string>;
    /**
     * every line of stdout and stderr, cut at 2,000 characters
     */
    onLine?: (line: string) => void;
    /**
     * gets every line; written anew
     */
    logFile?: string;
    /**
     * ends the program, and all it started, with SIGTERM
     */
    signal?: AbortSignal;
    /**
     * 0 (default) to 19 (most patient)
     */
    niceness?: number;
    limitMs?: number;
};
export type RunResult = {
    /**
     * exit status; null when a signal ended it (the time limit does that too)
     */
    code: number | null;
    /**
     * the last 200 lines of stdout and stderr
     */
    tail: string[];
};
/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Record<string, string>} [env] added to this process's own
 * @property {(line: string) => void} [onLine] every line of stdout and stderr, cut at 2,000 characters
 * @property {string} [logFile] gets every line; written anew
 * @property {AbortSignal} [signal] ends the program, and all it started, with SIGTERM
 * @property {number} [niceness] 0 (default) to 19 (most patient)
 * @property {number} [limitMs]
 *
 * @typedef {object} RunResult
 * @property {number | null} code exit status; null when a signal ended it (the time limit does that too)
 * @property {string[]} tail the last 200 lines of stdout and stderr
 */
/**
 * Runs a program without a shell. A failing exit status is a result, not an exception;
 * what throws is a program that cannot be started, or an abort.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export declare function run(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
