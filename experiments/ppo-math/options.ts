import { ActorCriticOptions } from "../policy-options.ts";

/** Proximal policy optimization with rewards that are computed from the text. */
export class PpoOptions extends ActorCriticOptions {
  /** Computes rewards beside the reference's log-probabilities, in one call. */
  fuseRewRef = true;
}
