export declare function writeWhole(path: string, text: string): void;
/** Makes a rename durable; not every file system allows it, and then there is nothing better to do. */
export declare function syncFolder(path: string): void;
