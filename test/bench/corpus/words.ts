import type { Random } from "./random.ts";

/** What a generated experiment is about: words for names and comments. */
export interface Subject {
  readonly number: string;
  readonly domain: string;
  readonly goal: string;
  readonly team: string;
  readonly path: string;
}

const DOMAINS = ["math", "code", "dialogue", "science", "translation", "summaries", "search", "tools"] as const;
const GOALS = [
  "shorter answers",
  "fewer refusals",
  "longer chains of thought",
  "steadier gradients",
  "a larger batch",
  "a smaller learning rate",
  "harder problems first",
  "cleaner data",
] as const;
const TEAMS = ["reasoning", "alignment", "platform", "evaluation"] as const;
const PATHS = ["qwen2.5-1.5b", "qwen2.5-3b", "qwen2.5-7b", "qwen2.5-14b"] as const;

/** Chooses the subject of an experiment. */
export function subjectOf(index: number, random: Random): Subject {
  return {
    number: String(index).padStart(3, "0"),
    domain: random.pick(DOMAINS),
    goal: random.pick(GOALS),
    team: random.pick(TEAMS),
    path: random.pick(PATHS),
  };
}

/** An option that experiments of every shape may have, and a getter that stands on it. */
export interface Extra {
  readonly option: string;
  readonly getter: string;
}

const EXTRAS: readonly ((random: Random) => Extra)[] = [
  (random) => ({
    option: `  /** Steps of the whole run. @range integer >= 1 */
  @Option() plannedSteps = ${500 + random.below(40) * 50};`,
    getter: `  /** Steps in which the learning rate rises. */
  get warmupSteps() {
    return Math.ceil(this.plannedSteps * 0.02);
  }`,
  }),
  (random) => ({
    option: `  /** Which split of the evaluation set is reported. */
  @Option() evalSplit: "dev" | "test" | "held-out" = "${random.pick(["dev", "test", "held-out"])}";`,
    getter: `  /** Whether numbers of this run may be published. */
  get isReportable() {
    return this.evalSplit !== "held-out";
  }`,
  }),
  (random) => ({
    option: `  /** Share of the data that is kept after filtering. @range (0, 1] */
  @Option() keptShare = ${(5 + random.below(5)) / 10};`,
    getter: `  /** Examples that a step loses to the filter, at most. */
  get droppedPerStep() {
    return Math.floor(256 * (1 - this.keptShare));
  }`,
  }),
  (random) => ({
    option: `  /** Length above which an answer is punished, in tokens; never if null. @range integer >= 1 */
  @Option() lengthLimit: number | null = ${random.pick(["null", "2048", "8192"])};`,
    getter: `  /** The limit with room for the closing tag. */
  get hardLimit() {
    return this.lengthLimit === null ? null : this.lengthLimit + 16;
  }`,
  }),
  (random) => ({
    option: `  /** Repetition of the study that this run is. @range integer >= 0 */
  @Option() repetition = ${random.below(4)};`,
    getter: `  /** Seed of the data order. */
  get dataSeed() {
    return seedOf(this.repetition);
  }`,
  }),
  (random) => ({
    option: `  /** Words that mark a finished answer. */
  @Option() stopWords: readonly string[] = ${random.pick(['["</answer>"]', '["</s>", "<end>"]', "[]"])};`,
    getter: `  /** The longest of the words, in characters. */
  get longestStopWord() {
    return this.stopWords.reduce((longest, word) => Math.max(longest, word.length), 0);
  }`,
  }),
  () => ({
    option: `  /** Curriculum: from which step on, and how hard. */
  @Option() curriculum = {
    /** First step with hard problems. @range integer >= 0 */
    startStep: 100,
    /** Share of hard problems from then on. @range [0, 1] */
    hardShare: 0.5,
  };`,
    getter: `  /** Whether the curriculum changes anything. */
  get hasCurriculum() {
    return this.curriculum.hardShare > 0;
  }`,
  }),
];

/** Some options with their getters, none twice. */
export function extrasOf(random: Random): readonly Extra[] {
  const order = random.order(EXTRAS.length);
  return order.slice(0, 2 + random.below(3)).map((index) => (EXTRAS[index] as (typeof EXTRAS)[number])(random));
}

/** The import that {@link extrasOf} may need. */
export function extraImports(extras: readonly Extra[], ...own: readonly string[]): string {
  const names = extras.some(({ getter }) => getter.includes("seedOf(")) ? [...own, "seedOf"] : own;
  return names.length === 0 ? "" : `import { ${names.toSorted().join(", ")} } from "../shared/naming.ts";\n`;
}
