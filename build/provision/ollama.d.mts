/** The last version known to build from its Go module alone; 0.30 and later need a source checkout. */
export declare const OLLAMA_VERSION = "0.24.0";
/**
 * A real Ollama for tests, with the CPU only. THORTIME_TEST_OLLAMA wins; else the one in the cache; else
 * it is built (minutes). An `ollama` on PATH is not used: its version is whatever the person last installed.
 *
 * @param {{onLine?: (line: string) => void, signal?: AbortSignal}} [options]
 * @returns {Promise<string>} path of the executable
 * @throws {import('./problem.mjs').Problem}
 */
export declare function provideOllama({ onLine, signal }?: {
    onLine?: (line: string) => void;
    signal?: AbortSignal;
}): Promise<string>;
