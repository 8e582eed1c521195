import type { JsonObject } from "type-fest";

/**
 * What a backend can do, and what it asks of models and layouts: facts of its plugin, which rules read, so that nobody else has to
 * know the backend. Of what is left out nothing is claimed.
 */
export interface BackendSupport {
  /** Axes of a topology that it splits along; all three unless given. */
  readonly axes?: readonly ("pipe" | "data" | "tensor")[];
  /**
   * Key-value heads that are fewer than tensor ranks: `copied` to ranks, so that one number must divide the other, or only ever
   * `divided`. Of an engine without it heads are not looked at.
   */
  readonly keyValueHeads?: "divided" | "copied";
  /** How layers come to stages: as many to each (`even`), or as the backend balances them. */
  readonly layers?: "even" | "balanced";
  /** Whether it makes vocabularies longer, so that tensor ranks can share them. */
  readonly padsVocabulary?: boolean;
  /** Release of the backend that the plugin describes, such as `0.4.6`. */
  readonly release?: string;
  /** Families that it runs, each with the first release that does, or `null`; all families unless given. */
  readonly families?: Readonly<Record<string, string | null>>;
  /** Degrees that it splits by beside the axes of a topology: names of the arguments that say them. */
  readonly degrees?: BackendDegrees;
  /** Engines: the argument that bounds the tokens of a sequence. */
  readonly contextLength?: string;
  /**
   * How an engine shares GPUs with the training of its model: `equalReplicas`, with as many replicas as that has data ranks, or
   * `never`. In any layout unless given, as where parameters are moved between layouts.
   */
  readonly sharing?: "equalReplicas" | "never";
  /** Whether it generates by itself, of a backend that is no engine; it does unless `false`. */
  readonly generates?: boolean;
}

/** Names of arguments, by what they split. */
export interface BackendDegrees {
  /** Data ranks that share a sequence, as in ring attention. */
  readonly context?: string;
  /** Data ranks that share a sequence and exchange heads for its parts, as in Ulysses attention. */
  readonly sequence?: string;
  /** Ranks that experts are split over. */
  readonly expert?: string;
  /** Ranks that each expert is split over; the tensor size where the argument is not given. */
  readonly expertTensor?: string;
  /** Stages of a rank. */
  readonly virtualPipe?: string;
}

/** Names of arguments by which an interface works on groups of answers to one prompt. */
export interface GroupFacts {
  /** Answers that are worked on together. */
  readonly size: string;
  /** Answers that are generated, of which a group is kept; `null` is as many. */
  readonly generated?: string;
  /** Sequences for each copy of a prompt. */
  readonly samples?: string;
  /** Switch that compares advantages within a group. */
  readonly normalizes?: string;
}

/** By what an interface keeps a policy close to a reference. */
export interface KlFacts {
  /** Argument that weighs the distance. */
  readonly weight: string;
  /** Key of the reference's log-probabilities. */
  readonly reads: string;
}

/** Facts of an interface that rules read; each text names an argument, by dotted path, or a key. */
export interface InterfaceRuleFacts {
  /** Argument that says how sequences are generated, of the form that `generationConfigSchema` has. */
  readonly generation?: string;
  readonly group?: GroupFacts;
  readonly kl?: KlFacts;
  /** Key by which a train step corrects for samples of older parameters. */
  readonly correction?: string;
  /** Argument that says how many tokens at the end of an answer are punished as too long. */
  readonly overlongBuffer?: string;
}

/** Facts as a descriptor has them: what is not given is left out. */
export function plainFacts(facts: object): JsonObject {
  return JSON.parse(JSON.stringify(facts)) as JsonObject;
}
