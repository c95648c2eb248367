/** Numbers of the GGUF format and what they stand for. Source: `ggml.h` and `gguf.h` of ggml-org/ggml. */
/** Tensor types by number: name, elements in a block, bytes of a block. Only what llama.cpp can load today. */
export declare const TENSOR_TYPES: Readonly<Record<number, {
    readonly name: string;
    readonly blockElements: number;
    readonly blockBytes: number;
}>>;
/** `general.file_type`: what most tensors of a file are meant to be. */
export declare const FILE_TYPES: Readonly<Record<number, string>>;
export declare const STRING_VALUE = 8;
export declare const ARRAY_VALUE = 9;
export declare const UINT32_VALUE = 4;
export declare const BOOL_VALUE = 7;
/** Bytes of metadata values that have a fixed size, by number of their type. */
export declare const VALUE_BYTES: Readonly<Record<number, number>>;
/** llama.cpp keeps a tensor's name in 64 bytes with its closing zero, and four dimensions. */
export declare const TENSOR_NAME_BYTES = 63;
export declare const TENSOR_DIMENSIONS = 4;
