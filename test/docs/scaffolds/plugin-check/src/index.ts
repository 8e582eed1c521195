import { defineAgent } from "assay/plugin";

/** Asks back. */
export const asker = defineAgent({ type: "asker", args: false });
