import { defineDiagnostics } from "../diagnostics/define.ts";
import { factor, sentence } from "../diagnostics/sentence.ts";
import { namesInTicks } from "../spec/diagnostics.ts";

/** Where values of a column stand. */
type ColumnFacts = {
  /** Type of the dataset. */
  readonly type: string;
  readonly column: string;
  readonly file: string;
};

/** Rows of a sample that lack a column. */
type LackingFacts = ColumnFacts & {
  /** Kind of the plugin that needs it. */
  readonly kind: string;
  readonly lacking: number;
  readonly rows: number;
  /** Rows that need it, in words, if not all do. */
  readonly only: string | null;
};

/** Values of a column, or of lists in it, that have another type. */
type TypeFacts = ColumnFacts & {
  readonly wanted: readonly string[];
  readonly found: string;
  readonly count: number;
  readonly inLists: boolean;
};

/** Rows of a sample that have a value. */
type ValueFacts = ColumnFacts & {
  readonly value: string;
  /** Rows that have it; 0 if the dataset itself says that it may. */
  readonly count: number;
};

/** A row that is longer than an argument allows. */
type LengthFacts = {
  readonly column: string;
  readonly file: string;
  readonly size: number;
  /** What the length counts. */
  readonly of: string;
  readonly argument: string;
  readonly limit: number;
};

/** Codes of what datasets hold: their samples, and what reads them. */
export const dataDiagnostics = defineDiagnostics("dataset", {
  "not-json": {
    severity: "error",
    message: ({ file, line, problem }: { file: string; line: number; problem: string }) =>
      `line ${line} of \`${file}\` is no JSON object: ${problem}`,
    help: () => "write one JSON object a line, and no other lines",
  },
  empty: {
    severity: "error",
    message: ({ file, type }: { file: string; type: string }) => `\`${file}\` has no row for dataset \`${type}\``,
    help: () => "write one JSON object a line, or name another file",
  },
  "missing-column": {
    severity: "error",
    message: ({ kind, type, column, file, lacking, rows, only }: LackingFacts) => {
      const where = only === null ? "" : ` where ${only}`;
      return sentence`${kind} \`${type}\` needs column \`${column}\`${where}, which ${factor("rows", `${lacking} of ${rows} rows`)} of \`${file}\` lack`;
    },
  },
  "column-type": {
    severity: "error",
    message: ({ type, column, wanted, found, count, file, inLists }: TypeFacts) =>
      sentence`${inLists ? "lists in column" : "column"} \`${column}\` of dataset \`${type}\` ${inLists ? "hold" : "holds"} ${namesInTicks(wanted)}, but ${factor("count", amount(count, "value"))} of \`${file}\` ${count === 1 ? "is" : "are"} \`${found}\``,
    help: ({ column, wanted }) => `make \`${column}\` ${namesInTicks(wanted)} in every row`,
  },
  "uneven-lists": {
    severity: "error",
    message: ({ type, column, other, count, file }: ColumnFacts & { other: string; count: number }) =>
      sentence`lists in columns \`${column}\` and \`${other}\` of dataset \`${type}\` must be of one length, and ${factor("count", amount(count, "row"))} of \`${file}\` ${count === 1 ? "has" : "have"} others`,
    help: ({ column, other }) => `give each item of \`${column}\` one of \`${other}\`, or leave it out`,
  },
  "unknown-value": {
    severity: "error",
    message: ({ type, column, value, count, file }: ValueFacts & { known: readonly string[] }) =>
      sentence`column \`${column}\` of dataset \`${type}\` can't be ${JSON.stringify(value)}, as ${factor("count", amount(count, "row"))} of \`${file}\` ${count === 1 ? "has" : "have"} it`,
    help: ({ known }) => `use ${namesInTicks(known)}, or leave the rows out`,
  },
  "too-long": {
    severity: "error",
    message: ({ column, file, size, of, argument, limit }: LengthFacts) => {
      const long = LENGTHS[of]?.(size) ?? `${size} tokens`;
      return sentence`\`${column}\` of a row of \`${file}\` has ${factor("size", long)}: more than the ${factor("limit", `${limit} of \`${argument}\``)}`;
    },
    help: ({ size, argument }) => `give \`${argument}\` at least ${size}, or leave the row out`,
  },
  "fewer-rows-than-batch": {
    severity: "error",
    message: ({ call, files, rows, batch }: { call: string; files: readonly string[]; rows: number; batch: number }) =>
      sentence`call \`${call}\` takes ${factor("batch", `${batch} sequences`)} a step, but ${namesInTicks(files)} ${files.length === 1 ? "has" : "have"} ${factor("rows", `${amount(rows, "row")} in all`)}`,
    help: ({ rows }) => `take at most ${rows} a step, or give the dataset more rows`,
  },
  "uncovered-source": {
    severity: "error",
    message: ({ type, column, value, count, file }: ValueFacts & { covered: readonly string[] }) =>
      count === 0
        ? `dataset \`${type}\` may have ${JSON.stringify(value)} in column \`${column}\`, for which there is no reward`
        : sentence`there is no reward for ${JSON.stringify(value)} in column \`${column}\`, which ${factor("count", amount(count, "row"))} of \`${file}\` ${count === 1 ? "has" : "have"}`,
    help: ({ covered }) =>
      `leave such rows out, or use a reward that covers them; there are rewards for ${namesInTicks(covered)}`,
  },
});

/** What is known of a length that is no number of tokens. */
const LENGTHS: Readonly<Record<string, (size: number) => string>> = {
  words: (size) => `${size} words, at least as many tokens`,
  characters: (size) => `so many characters that they are at least ${size} tokens`,
};

function amount(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
