/**
 * Lets one process at a time do `work`; others wait up to 40 minutes. The holder touches the lock file
 * every 2 s, and a file left untouched for 30 looks (15 s) belongs to nobody. This holds across process
 * ids, containers and clocks. It saves double work only: what is made is also safe without it, because
 * everyone builds in a folder of their own and renames at the end.
 *
 * @template T
 * @param {string} file
 * @param {{onLine?: (line: string) => void, signal?: AbortSignal}} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export declare function withLock<T>(file: string, options: {
    onLine?: (line: string) => void;
    signal?: AbortSignal;
}, work: () => Promise<T>): Promise<T>;
