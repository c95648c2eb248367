/**
 * Makes sure that Debian packages are installed: installs them when we are root on Debian or a relative of
 * it, and otherwise says what to install. apt-get is never stopped half way by an abort: a broken package
 * database would cost more than a minute of waiting.
 *
 * @param {object} wanted
 * @param {readonly string[]} wanted.packages `a|b` means either; the first that the system knows is installed
 * @param {string} wanted.purpose ends the sentence "Some packages are missing …"
 * @param {() => Promise<boolean>} [wanted.otherwiseReady] on other systems: are the same things there?
 * @param {(line: string) => void} [wanted.onLine]
 */
export declare function ensurePackages({ packages, purpose, otherwiseReady, onLine }: {
    packages: readonly string[];
    purpose: string;
    otherwiseReady?: () => Promise<boolean>;
    onLine?: (line: string) => void;
}): Promise<void>;
