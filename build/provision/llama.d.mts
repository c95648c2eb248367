/** Stock llama.cpp as an npm package. Not in package.json: with all its optional parts it is 669 MB, here it is 85. */
export declare const LLAMA_VERSION = "3.22.1";
/**
 * node-llama-cpp for tests, CPU (on a Mac, Metal). THORTIME_TEST_LLAMA wins; else the one in the cache; else it is
 * installed there, without install scripts.
 *
 * @param {{onLine?: (line: string) => void, signal?: AbortSignal}} [options]
 * @returns {Promise<string>} path of the module to import
 * @throws {import('./problem.mjs').Problem}
 */
export declare function provideLlama({ onLine, signal }?: {
    onLine?: (line: string) => void;
    signal?: AbortSignal;
}): Promise<string>;
