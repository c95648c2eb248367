export interface OwnerLock {
    /** False once somebody deleted or replaced the file: another engine could then own the home too. */
    isHeld(): boolean;
    release(): void;
}
/** The home is ours from here on, or somebody else's, and then this says so. */
export declare function acquireOwner(home: string): OwnerLock;
/** Null: someone living owns it. Throws where the file cannot be made at all. */
export declare function acquireOwnerLock(path: string): OwnerLock | null;
