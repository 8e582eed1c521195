/** What is known of one option besides its value: read from syntax, enforced when values are set. */
export interface OptionDescription {
  /** Dotted path from the class: `model.optimizer.lr`. */
  readonly path: string;
  readonly help: string;
  /** Text after `@range`. */
  readonly range: string | null;
  readonly choices: readonly string[] | null;
  /** The type as written or as the default shows it. */
  readonly type: string | null;
  readonly nullable: boolean;
  /** Has no default: what is built must give it a value. */
  readonly required: boolean;
  /** Only a launcher reads it. */
  readonly launch: boolean;
}

/** All options of a class, by path. */
export type OptionSchema = readonly OptionDescription[];
