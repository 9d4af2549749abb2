import { config } from "zod/v4";

// Pages are served with a policy that forbids making code from strings; zod would try it once and be reported.
config({ jitless: true });

export * from "zod/v4";
