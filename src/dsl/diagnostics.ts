import { defineDiagnostics } from "../diagnostics/define.ts";
import { factor, sentence } from "../diagnostics/sentence.ts";
import { namesInTicks } from "../spec/diagnostics.ts";

/** Codes of the authoring surface: registration, injection, presets, flows. */
export const dslDiagnostics = defineDiagnostics("dsl", {
  "unknown-experiment": {
    severity: "error",
    message: ({ name }: { name: string }) => `no experiment is registered as \`${name}\``,
    help: () => "run `assay list` for the names",
  },
  "registered-twice": {
    severity: "error",
    message: ({ name }: { name: string }) => `two experiments are registered as \`${name}\``,
    help: () => "give one of them another name",
  },
  "not-an-experiment": {
    severity: "error",
    message: ({ name, missing }: { name: string; missing: readonly string[] }) =>
      `what is registered as \`${name}\` has no ${namesInTicks(missing)}`,
    help: () => "implement both methods of `Experiment`, or extend `CommonExperiment`",
  },
  "unknown-preset": {
    severity: "error",
    message: ({ experiment, preset }: { experiment: string; preset: string }) =>
      `experiment \`${experiment}\` has no preset \`${preset}\``,
  },
  "preset-twice": {
    severity: "error",
    message: ({ experiment, preset }: { experiment: string; preset: string }) =>
      `experiment \`${experiment}\` has two presets named \`${preset}\``,
    help: () => "give one of them another name",
  },
  "injected-type-import": {
    severity: "error",
    message: ({ parameter, type }: { parameter: string; type: string; owner: string }) =>
      `\`${type}\` of constructor parameter \`${parameter}\` is imported as a type only: nothing can be injected`,
    help: ({ type }) => `import \`${type}\` as a value`,
  },
  "parameter-types-missing": {
    severity: "error",
    message: ({ type, owner, count }: { type: string; owner: string; count: number; isNoted: boolean }) =>
      `the constructor of \`${owner}\` has ${count} ${count === 1 ? "parameter" : "parameters"} of types that nothing tells, so \`${type}\` can't be made`,
    help: ({ type, owner, isNoted }) => {
      if (isNoted) return "declare it as a class that is imported as a value, or name it by `@inject(...)`";
      return type === owner
        ? `decorate \`${owner}\` with \`@Experiment(...)\``
        : `decorate \`${owner}\` with \`@Injectable()\`, or give \`${type}\` a constructor that passes them on`;
    },
  },
  "not-provided": {
    severity: "error",
    message: ({ type, owner, token }: { type: string; owner: string; token: string }) =>
      `the constructor of \`${owner}\` asks for \`${token}\`, which nothing provides, so \`${type}\` can't be made`,
    help: ({ token }) => `call \`provide("${token}", ...)\` in a module that the experiment imports`,
  },
  "option-read-too-early": {
    severity: "error",
    message: ({ option, by }: { option: string; by: string }) =>
      `option \`${option}\` is read by ${by}, before presets and overrides are set`,
    help: () => "make what depends on it a getter",
  },
  "option-required": {
    severity: "error",
    message: ({ option, experiment }: { option: string; experiment: string }) =>
      `\`${experiment}\` needs a value for option \`${option}\``,
    help: ({ option }) => `set \`${option}\` in the preset or on the command line`,
  },
  "unknown-role": {
    severity: "error",
    message: ({ call, role }: { call: string; role: string; roles: readonly string[] }) =>
      `call \`${call}\` uses role \`${role}\`, of which the flow has no model`,
    help: ({ roles }) =>
      roles.length === 0 ? "add the role to `models`" : `add the role to \`models\`, which has ${namesInTicks(roles)}`,
  },
  "frozen-role": {
    severity: "error",
    message: ({ call, role }: { call: string; role: string }) =>
      `call \`${call}\` trains role \`${role}\`, whose model is frozen`,
    help: () => "drop `frozen(...)`, or train another role",
  },
  "n-seqs-missing": {
    severity: "error",
    message: ({ calls }: { calls: readonly string[] }) =>
      `none of the calls ${namesInTicks(calls)} says how many sequences a step takes`,
    help: () => "give one call `nSeqs`; the others take the same",
  },
  "plugin-missing": {
    severity: "error",
    message: ({ wanted }: { wanted: string }) => `no loaded plugin brings a ${wanted}`,
    help: () => "import it from its package, or give it to `model(...)`",
  },
});

/** Codes of options and their values. */
export const optionDiagnostics = defineDiagnostics("option", {
  unknown: {
    severity: "error",
    message: ({ path }: { path: string; experiment: string }) => `there is no option \`${path}\``,
    help: () => "look at the class: options are its fields with `@Option()`, and those of its bases",
  },
  type: {
    severity: "error",
    message: ({ path, expected, found }: { path: string; expected: string; found: string }) =>
      `option \`${path}\` takes ${withArticles(expected)}, found ${found}`,
    help: ({ expected }) => `write ${withArticles(expected)}`,
  },
  range: {
    severity: "error",
    // A default that is wrong has a number of its range stand in for it, so that nothing else is found because of it.
    message: ({ path, range, found }: { path: string; range: string; found: number; standIn?: number }) =>
      sentence`option \`${path}\` must be ${factor("range", range)}, found ${factor("found", found)}`,
  },
  choice: {
    severity: "error",
    message: ({ path, found }: { path: string; choices: readonly string[]; found: string }) =>
      `option \`${path}\` has no choice \`${found}\``,
    help: ({ choices }) => `use one of ${namesInTicks(choices)}`,
  },
});

/** `number or object` as a sentence has it. */
function withArticles(types: string): string {
  return types
    .split(" or ")
    .map((type) => (type.startsWith("another ") ? type : `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`))
    .join(" or ");
}

/** Codes of a project's configuration. */
export const projectDiagnostics = defineDiagnostics("config", {
  "unknown-cluster": {
    severity: "error",
    message: ({ name, known }: { name: string; known: readonly string[] }) =>
      known.length === 0
        ? `cluster \`${name}\` is not known: the project has none`
        : `cluster \`${name}\` is not known; there is ${namesInTicks(known)}`,
  },
});
