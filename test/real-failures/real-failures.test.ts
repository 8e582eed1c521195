import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Diagnostic } from "../../src/diagnostics/finding.ts";
import { compiledBuild, temporaryProject } from "../compiled-build.ts";
import { FAILURES } from "./failures.ts";
import { configOf, type FailureProject } from "./projects.ts";

const RUN = "experiments/run.ts";
const project = temporaryProject({});
afterAll(() => project.remove());

/** What is said of a project, each with the author's text that it is placed at. */
async function told(of: FailureProject) {
  project.write({ "assay.config.ts": configOf(of), [RUN]: of.run, ...of.files, ...of.plugins });
  const { diagnostics } = await compiledBuild(project.root, { cache: false });
  return diagnostics.map((one) => ({ ...one, text: textAt(one) }));
}

function textAt({ primary }: Diagnostic): string {
  if (primary === null) return "";
  const line = readFileSync(join(project.root, primary.file), "utf8").split("\n")[primary.line - 1] ?? "";
  return `${primary.file}: ${line.slice(primary.column - 1, primary.column - 1 + primary.length)}`;
}

/** What is printed of each failure, by its number. */
const printed = new Map<string, string>();

describe("a failure of real users", () => {
  it.each(Object.entries(FAILURES))(
    "%s is found before the run",
    async (number, { code, severity, at, wrong, right }) => {
      const found = await told(wrong);
      const own = found.filter((one) => one.code === code);
      // Several columns may be missing at once.
      expect([...new Set(own.map((one) => `${one.severity} ${one.text}`))]).toEqual([`${severity} ${RUN}: ${at}`]);
      printed.set(number, `${severity}[${code}]: ${own[0]?.message ?? ""}`);
      // Nothing else is in the way.
      expect(found.filter((one) => one.severity === "error" && one.code !== code).map((one) => one.code)).toEqual([]);
      expect((await told(right)).map((one) => `${one.code}: ${one.message}`)).toEqual([]);
    },
  );
});

const PAGE = `# Failures of real users

Each of these was reported for another system, after a run on a cluster had started. All need no GPU to be found: a build finds them at a
line of the author's own source. Each is a pair of tests (\`test/real-failures\`): a run that must fail with the code, and the same run put
right, of which nothing is said. This page is written by that test.

Warnings are what shipped workers would run, only slower or cut: \`severities\` of the config makes them [errors](rules.md#severities).
Roles on the same GPUs may have different numbers of replicas with shipped backends, which move parameters between such layouts; a
backend of another package says that it can't, as in #992.

One report is a question, how many GPUs a run needs
([OpenRLHF#930](https://github.com/OpenRLHF/OpenRLHF/issues/930)): \`assay check\` says it of each build, and of a [sweep](sweeps.md) as a bill.

| report | what happened | what Assay prints |
| --- | --- | --- |
`;

/** Name of a report: the repository and the number. */
function reportOf(link: string): string {
  const [, repository = "", kind = "", number = ""] = /([^/]+)\/(issues|pull)\/(\d+)$/.exec(link) ?? [];
  return `[${repository}${kind === "pull" ? " PR" : ""}#${number}](${link})`;
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

describe("the page of failures", () => {
  it("says what is printed", async () => {
    const rows = Object.entries(FAILURES).map(
      ([number, { links, symptom, code }]) =>
        `| ${links.map(reportOf).join(", ")} | ${cell(symptom)} | ${cell(printed.get(number) ?? "").replace(code, `[\`${code}\`](codes/${code}.md)`)} |\n`,
    );
    await expect(PAGE + rows.join("")).toMatchFileSnapshot("../../docs/real-failures.md");
  });
});
