/** @returns {string} the folder, outside any checkout, where provisioned things live */
export declare function cacheFolder(): string;
/** @param {string} name @returns {Promise<string>} a path for a log; its folder exists */
export declare function logPath(name: string): Promise<string>;
export type CachedThing = {
    /**
     * folder in the cache; holds the version and the platform, so nothing is ever updated in place
     */
    name: string;
    /**
     * the executable inside that folder
     */
    entry: string;
    onLine?: (line: string) => void;
    signal?: AbortSignal;
    /**
     * gets an empty folder to work in and returns
     * the finished folder inside it
     */
    make: (work: string) => Promise<string>;
};
/**
 * @typedef {object} CachedThing
 * @property {string} name folder in the cache; holds the version and the platform, so nothing is ever updated in place
 * @property {string} entry the executable inside that folder
 * @property {(line: string) => void} [onLine]
 * @property {AbortSignal} [signal]
 * @property {(work: string) => Promise<string>} make gets an empty folder to work in and returns
 *   the finished folder inside it
 */
/**
 * The executable of a cached thing, made now if it is not there. It is made in a folder of its own and
 * renamed into place as a whole, so an interruption at any moment leaves the whole thing or nothing.
 *
 * @param {CachedThing} thing
 * @returns {Promise<string>}
 */
export declare function provideFromCache({ name, entry, onLine, signal, make }: CachedThing): Promise<string>;
