import { defineDiagnostics } from "../../src/diagnostics/define.ts";

/** Codes of making a project. */
export const initDiagnostics = defineDiagnostics("cli", {
  "init-name": {
    severity: "error",
    message: ({ name, problem }: { name: string; problem: string }) =>
      `no project can be called ${JSON.stringify(name)}: ${problem}`,
    help: () => "give another name: `assay init --name my-project`",
  },
  "init-from": {
    severity: "error",
    message: ({ from, known }: { from: string; known: readonly string[] }) =>
      `no project starts from \`${from}\`; there is ${known.map((name) => `\`${name}\``).join(", ")}`,
  },
  "init-package": {
    severity: "error",
    message: ({ file, problem }: { file: string; problem: string }) =>
      `\`${file}\` can't be completed: ${problem}. Nothing was made`,
    help: () => "correct the file, or run `assay init` in another folder",
  },
  "init-not-writable": {
    severity: "error",
    message: ({ path, reason }: { path: string; reason: string }) =>
      `\`${path}\` can't be made: ${reason}. Nothing was left behind`,
    help: () => "make the folder writable, or name another one: `assay init <folder>`",
  },
  "plugin-kind": {
    severity: "error",
    message: ({ kind, known }: { kind: string; known: readonly string[] }) =>
      `there is no kind \`${kind}\` of plugins; there is ${known.map((name) => `\`${name}\``).join(", ")}`,
  },
  "plugin-name": {
    severity: "error",
    message: ({ name, problem }: { name: string; problem: string }) =>
      `no package can be called ${JSON.stringify(name)}: ${problem}`,
    help: () => "give another name, such as `assay-dataset-chat` or `@lab/chat`",
  },
  "plugin-folder": {
    severity: "error",
    message: ({ folder }: { folder: string }) =>
      `\`${folder}\` is there already, and a package needs a folder of its own`,
    help: () => "name a folder that is not there yet: `assay plugin init <kind> <name> <folder>`",
  },
});
