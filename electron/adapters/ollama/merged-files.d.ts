export interface MergedFile {
    readonly name: string;
    readonly path: string;
    readonly bytes: number;
}
export declare function listMerged(folder: string, names: readonly string[]): Promise<readonly MergedFile[]>;
/** Counts what the safetensors headers name. Format: 8 bytes length, little-endian, then JSON {tensor: …, "__metadata__"?: …}. */
export declare function countTensors(files: readonly MergedFile[]): Promise<number>;
