/** Numbers of the GGUF format and what they stand for. Source: `ggml.h` and `gguf.h` of ggml-org/ggml. */

/** Tensor types by number: name, elements in a block, bytes of a block. Only what llama.cpp can load today. */
export const TENSOR_TYPES: Readonly<Record<number, { readonly name: string; readonly blockElements: number; readonly blockBytes: number }>> = {
  0: { name: "F32", blockElements: 1, blockBytes: 4 },
  1: { name: "F16", blockElements: 1, blockBytes: 2 },
  2: { name: "Q4_0", blockElements: 32, blockBytes: 18 },
  3: { name: "Q4_1", blockElements: 32, blockBytes: 20 },
  6: { name: "Q5_0", blockElements: 32, blockBytes: 22 },
  7: { name: "Q5_1", blockElements: 32, blockBytes: 24 },
  8: { name: "Q8_0", blockElements: 32, blockBytes: 34 },
  10: { name: "Q2_K", blockElements: 256, blockBytes: 84 },
  11: { name: "Q3_K", blockElements: 256, blockBytes: 110 },
  12: { name: "Q4_K", blockElements: 256, blockBytes: 144 },
  13: { name: "Q5_K", blockElements: 256, blockBytes: 176 },
  14: { name: "Q6_K", blockElements: 256, blockBytes: 210 },
  30: { name: "BF16", blockElements: 1, blockBytes: 2 },
};

/** `general.file_type`: what most tensors of a file are meant to be. */
export const FILE_TYPES: Readonly<Record<number, string>> = {
  0: "F32",
  1: "F16",
  2: "Q4_0",
  3: "Q4_1",
  7: "Q8_0",
  8: "Q5_0",
  9: "Q5_1",
  10: "Q2_K",
  11: "Q3_K_S",
  12: "Q3_K_M",
  13: "Q3_K_L",
  14: "Q4_K_S",
  15: "Q4_K_M",
  16: "Q5_K_S",
  17: "Q5_K_M",
  18: "Q6_K",
  32: "BF16",
};

export const STRING_VALUE = 8;
export const ARRAY_VALUE = 9;
export const UINT32_VALUE = 4;
export const BOOL_VALUE = 7;

/** Bytes of metadata values that have a fixed size, by number of their type. */
export const VALUE_BYTES: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };

/** llama.cpp keeps a tensor's name in 64 bytes with its closing zero, and four dimensions. */
export const TENSOR_NAME_BYTES = 63;
export const TENSOR_DIMENSIONS = 4;
