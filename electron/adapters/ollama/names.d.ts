import { type Client } from "./client.ts";
export declare function promoteCandidate(client: Client, candidate: string, name: string): Promise<{
    previous: string | null;
    digest: string;
}>;
/** A name that is not there is fine: then it is gone already. */
export declare function deleteName(client: Client, name: string): Promise<void>;
