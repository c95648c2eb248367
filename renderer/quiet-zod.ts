/** Imported first: zod would try `new Function` while its schemas are made, which the content security policy refuses aloud. */
import { config } from "zod";

config({ jitless: true });
