import { afterAll, describe, expect, it } from "vitest";
import type { Diagnostic, Span } from "../../src/diagnostics/finding.ts";
import type { OverrideArgument } from "../../codegen/evaluate/protocol.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { marked } from "../unit/codegen/read/marked.ts";

interface Case {
  readonly mistake: string;
  readonly code: string;
  /** Sources; the first mark of all is the primary span, the others are related ones, in order. */
  readonly files: Readonly<Record<string, string>>;
  readonly message?: RegExp;
  readonly overrides?: readonly string[];
  /** Instead of a mark: the stretch of the command line. */
  readonly argument?: string;
}

const HEAD = `import { CommonExperiment, evaluate, Experiment, flow, model, Option, Preset, trainStep } from "assay";
import { promptAnswer, sft } from "assay/plugins";
`;
const DATA = `datasets: [promptAnswer({ maxLength: 1024, datasetPath: "/data/train.jsonl" })]`;

/** An experiment with one train step, whose parts can be replaced. */
function tune({
  imports = "",
  before = "",
  name = `"tune"`,
  allocation = `"d8p1m1"`,
  body = "",
  base = "CommonExperiment",
  call = `trainStep("default", sft(), { nSeqs: 64 })`,
  statements = "",
  calls = `{ train: ${call} }`,
  data = DATA,
}: Partial<
  Record<
    "imports" | "before" | "name" | "allocation" | "body" | "base" | "call" | "statements" | "calls" | "data",
    string
  >
> = {}): string {
  return `${HEAD}${imports}
${before}
/** Tunes. */
@Experiment(${name})
@Preset("small", { cluster: "one", allocationMode: ${allocation} })
export class Tune extends ${base} {
  /** The model. */
  @Option() model = model("qwen2.5-1.5b", { type: { family: "qwen2" } });
${
  body === ""
    ? `
  override flow() {
    ${statements}
    return flow({ ${data}, models: { default: this.model }, calls: ${calls} });
  }`
    : body
}
}
`;
}

const FILE = "experiments/tune.ts";

const CASES: readonly Case[] = [
  {
    mistake: "a literal in a call",
    code: "call/n-seqs",
    files: { [FILE]: tune({ call: `trainStep("default", sft(), { nSeqs: «0» })` }) },
  },
  {
    mistake: "a literal in a plugin's arguments",
    code: "plugin/args",
    files: {
      [FILE]: tune({ data: `datasets: [promptAnswer({ maxLength: «-5», datasetPath: "/data/train.jsonl" })]` }),
    },
  },
  {
    mistake: "a literal in the arguments of a pair inside of another one's",
    code: "plugin/args",
    files: {
      [FILE]: tune({
        imports: `import { pullerStream } from "assay/plugins";\n`,
        data: `datasets: [pullerStream({ datasetCfgs: [promptAnswer({ maxLength: «-5», datasetPath: "/data/train.jsonl" })] })]`,
      }),
    },
    message: /`prompt_answer`: `maxLength`/,
  },
  {
    mistake: "a preset's environment variable that a plugin can't read",
    code: "scheduling/environment-value",
    files: {
      [FILE]: tune({
        imports: `import { nullInterface, rwMathCode } from "assay/plugins";\n`,
        allocation: `"d8p1m1", envVars: { FUNCTIONCALL_SERVICE_DOMAIN: «"judge.internal"», OTHER: "judge.internal" }`,
        statements: `const rew = rwMathCode({ datasetPath: "/data/math.jsonl", tokenizerPath: "/ckpt", rwType: null, checkXmlFormat: false, groupSize: 1, checkVerifierStatus: false });`,
        calls: `{ gen: inference("default", nullInterface(), { nSeqs: 64, reads: ["prompt_mask"], yields: ["packed_prompts", "task_ids"] }), judge: inference("default", rew) }`,
      }).replace("import { CommonExperiment, evaluate,", "import { CommonExperiment, evaluate, inference,"),
    },
    message: /"judge.internal"; interface `rw-math-code` needs an address of the form http:\/\/host:port/,
  },
  {
    mistake: "one element of a key array",
    code: "plugin/interface-key",
    files: {
      [FILE]: tune({
        call: `trainStep("default", sft(), { nSeqs: 64, reads: ["packed_input_ids", «"prompt_maks"»] })`,
      }),
    },
    message: /prompt_maks/,
  },
  {
    mistake: "an element of a key array behind one that a condition leaves out",
    code: "plugin/interface-key",
    files: {
      [FILE]: tune({
        call: `trainStep("default", sft(), { nSeqs: 64, reads: [this.seed > 9 && "a", "packed_input_ids", "prompt_mask", «"prompt_maks"»] })`,
      }),
    },
    message: /prompt_maks/,
  },
  {
    mistake: "a constructor of a base without a decorator",
    code: "dsl/parameter-types-missing",
    files: {
      [FILE]: tune({
        imports: `import { ClusterSpec } from "assay";\n`,
        before: `abstract class Placed extends CommonExperiment {
  constructor(protected readonly place: ClusterSpec) {
    super();
  }
}`,
        base: "Placed",
        name: `«"tune"»`,
      }),
    },
    message: /`Placed` has 1 parameter/,
  },
  {
    mistake: "a character inside a preset's allocation string",
    code: "allocation/syntax",
    files: { [FILE]: tune({ allocation: `"d8«x»1m1"` }) },
  },
  {
    mistake: "the layout inside a preset's allocation string",
    code: "allocation/gpu-product",
    files: { [FILE]: tune({ allocation: `"train:«d2p1m2»"` }) },
  },
  {
    mistake: "a layout that splits the heads of its model",
    code: "model/heads-not-divisible",
    files: { [FILE]: tune({ allocation: `"«d1p1m8»"` }) },
  },
  {
    mistake: "a role that has no model",
    code: "dsl/unknown-role",
    files: { [FILE]: tune({ call: `trainStep(«"actor"», sft(), { nSeqs: 64 })` }) },
  },
  {
    mistake: "an acknowledgement of what nothing gives",
    code: "config/unused-acknowledgement",
    files: {
      [FILE]: tune().replace(
        "  /** The model. */",
        `  acknowledge = {\n    «"graph/role-without-call"»: "the critic comes later",\n  };\n  /** The model. */`,
      ),
    },
  },
  {
    mistake: "an inherited method in another file",
    code: "call/n-seqs",
    files: {
      "lib/base.ts": `${HEAD}
export abstract class Base extends CommonExperiment {
  abstract readonly model: ReturnType<typeof model>;
  override flow() {
    return flow({ ${DATA}, models: { default: this.model }, calls: { train: trainStep("default", sft(), { nSeqs: «0» }) } });
  }
}
`,
      [FILE]: tune({ imports: `import { Base } from "../lib/base.ts";`, base: "Base", body: "\n", name: `«"tune"»` }),
    },
  },
  {
    mistake: "a helper in another file",
    code: "call/n-seqs",
    files: {
      "lib/calls.ts": `import { trainStep } from "assay";
import { sft } from "assay/plugins";

export function step(sequences: number) {
  return trainStep("default", sft(), { «nSeqs: sequences» });
}
`.replace("«nSeqs: sequences»", "nSeqs: «sequences»"),
      [FILE]: tune({ imports: `import { step } from "../lib/calls.ts";`, call: "«step(0)»", name: `«"tune"»` }),
    },
  },
  {
    mistake: "a call made in a loop",
    code: "call/n-seqs",
    files: {
      [FILE]: tune({
        statements: `const calls: Record<string, ReturnType<typeof evaluate>> = {};
    for (const [name, sequences] of [["first", 8], ["second", 0]] as const) {
      calls[name] = evaluate("default", sft(), { nSeqs: «sequences» });
    }`,
        calls: "calls as never",
      }),
    },
    message: /`second`/,
  },
  {
    mistake: "a spread object",
    code: "call/n-seqs",
    files: {
      [FILE]: tune({
        before: `const common = { log: false, nSeqs: «0» };`,
        call: `trainStep("default", sft(), { ...common })`,
      }),
    },
  },
  {
    mistake: "a default of an option",
    code: "option/range",
    files: {
      [FILE]: tune({ before: "" }).replace(
        "  /** The model. */",
        "  /** Sequences. @range >= 1 */\n  @Option() sequences = «0»;\n  /** The model. */",
      ),
    },
  },
  {
    mistake: "a value of a preset",
    code: "option/type",
    files: { [FILE]: tune({ allocation: `"d8p1m1", seed: «"one"»` }) },
  },
  {
    mistake: "an unknown option in a preset",
    code: "option/unknown",
    files: { [FILE]: tune({ allocation: `"d8p1m1", model: { optimizer: { «lrr»: 1 } }` }) },
  },
  {
    mistake: "an unknown option on the command line",
    code: "option/unknown",
    files: { [FILE]: tune() },
    overrides: ["model.optimizer.lrr=1"],
    argument: "model.optimizer.lrr=1",
  },
  {
    mistake: "a character of an allocation string on the command line",
    code: "allocation/syntax",
    files: { [FILE]: tune() },
    overrides: ["seed=1", "allocationMode=d8x1m1"],
    argument: "x",
  },
  {
    mistake: "a name registered twice",
    code: "dsl/registered-twice",
    files: { "experiments/a.ts": tune({ name: `«"tune"»` }), "experiments/b.ts": tune({ name: `«"tune"»` }) },
  },
  {
    mistake: "an option that is read too early",
    code: "dsl/option-read-too-early",
    files: {
      [FILE]: tune().replace(
        "  /** The model. */",
        "  /** Sequences. */\n  @Option() sequences = 8;\n  half = «this.sequences» / 2;\n  /** The model. */",
      ),
    },
  },
  {
    mistake: "a missing export",
    code: "evaluate/missing-export",
    files: { [FILE]: tune({ imports: `import { «nothing» } from "assay/plugins";\nvoid nothing;` }) },
  },
];

const LINE = "assay check tune";

function argumentsOf(texts: readonly string[]): readonly OverrideArgument[] {
  let column = LINE.length + 2;
  return texts.map((text) => {
    const [path = "", value = ""] = text.split("=");
    const span: Span = { file: "<command line>", line: 1, column, length: text.length };
    column += text.length + 1;
    return { path, value: /^\d/.test(value) ? Number(value) : value, span };
  });
}

const projects: TemporaryProject[] = [];
afterAll(() => {
  for (const project of projects) project.remove();
});

/** The diagnostics of a case, those of several presets once. */
async function diagnose({ files, overrides = [] }: Case) {
  const sources = Object.entries(files).map(([file, text]) => [file, marked(text, file)] as const);
  const project = temporaryProject(Object.fromEntries(sources.map(([file, { text }]) => [file, text])));
  projects.push(project);
  const { diagnostics } = await compiledBuild(project.root, { overrides: argumentsOf(overrides) });
  const seen = new Set<string>();
  const distinct = diagnostics.filter(({ code, primary, message }) => {
    const key = JSON.stringify([code, primary, message]);
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
  return { distinct, spans: sources.flatMap(([, { spans }]) => spans) };
}

describe("a mistake is told once, at its exact place", () => {
  it.each(CASES)("$mistake", async (one) => {
    const { distinct, spans } = await diagnose(one);
    const shown = distinct.map(({ code, message }) => `${code}: ${message}`);
    expect(
      distinct.map(({ code }) => code),
      shown.join("\n"),
    ).toEqual([one.code]);
    const [{ primary, related, message }] = distinct as readonly [Diagnostic];
    if (one.argument === undefined) {
      const expected = one.code === "dsl/registered-twice" ? spans.toReversed() : spans;
      expect(primary).toEqual(expected[0]);
      const others = related.map(({ span }) => span);
      for (const span of expected.slice(1)) expect(others).toContainEqual(span);
    } else {
      const line = `${LINE} ${(one.overrides ?? []).join(" ")}`;
      const start = line.indexOf(one.argument, LINE.length + (one.argument.length === 1 ? "allocationMode".length : 0));
      expect(primary).toEqual({
        file: "<command line>",
        line: 1,
        column: start + 1,
        length: one.argument.length,
      });
    }
    if (one.message !== undefined) expect(message).toMatch(one.message);
  });
});
