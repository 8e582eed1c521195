import { RUNTIME_BYTES } from "./phase.ts";
import { gibText } from "./text.ts";

/** What every estimate takes for granted, in one line; `docs/memory.md` says it at length. */
export const ASSUMPTIONS = `sequences as long as their limits, 16-bit activations, FlashAttention, ${gibText(RUNTIME_BYTES)} for the runtime`;
