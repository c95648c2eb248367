/** Base models that are known to work (python/trainer/model/families.py), with what a person has to know before they take one. */

export interface KnownModel {
  readonly source: string;
  /** To download, and then on the disk; config, tokenizer and 16-bit weights of 2.6 billion parameters. */
  readonly bytes: number;
  /** `instruct` has learned to answer already; `base` only continues texts. */
  readonly manners: "instruct" | "base";
  readonly terms: { readonly name: string; readonly address: string };
}

const GEMMA_TERMS = { name: "Gemma Terms of Use", address: "https://ai.google.dev/gemma/terms" } as const;

export const KNOWN_MODELS: readonly KnownModel[] = [
  { source: "unsloth/gemma-2-2b-it", bytes: 5.27e9, manners: "instruct", terms: GEMMA_TERMS },
  { source: "unsloth/gemma-2-2b", bytes: 5.27e9, manners: "base", terms: GEMMA_TERMS },
];
