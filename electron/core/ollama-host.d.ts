/** Where Ollama is, from `OLLAMA_HOST`, read as Ollama itself reads it (envconfig.Host). Only this computer is spoken to. */
export type OllamaHost = {
    readonly host: string;
    readonly port: number;
} | {
    readonly remote: string;
} | {
    readonly unreadable: string;
};
export declare function parseOllamaHost(setting: string | undefined): OllamaHost;
