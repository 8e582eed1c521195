import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Finding } from "../../diagnostics/finding.ts";
import { canonicalJson } from "../../manifest/canonical.ts";
import { PLUGIN_API_VERSION } from "../../plugin/descriptor.ts";
import { isObject } from "../../spec/own.ts";
import { type ContractCase, contractCase, ContractError } from "./case.ts";
import type { Subject } from "./subject.ts";

const REBUILD = "build the descriptor anew (`assay plugin build`)";

/** The descriptor: a build reads it, refuses it in another version, and finds in it what the code says. */
export function descriptorCases(subject: Subject): readonly ContractCase[] {
  const { definition, described, descriptor } = subject;
  const same = (name: string, fromCode: unknown, fromFile: unknown): ContractCase =>
    contractCase(`descriptor: ${name} are those of the code`, () => {
      if (described === undefined || canonicalOf(fromCode) === canonicalOf(fromFile)) return;
      throw new ContractError(
        `the descriptor says of \`${definition.type}\` what the code says`,
        { code: fromCode ?? null, descriptor: fromFile ?? null },
        REBUILD,
      );
    });
  return [
    contractCase("descriptor: a build reads it without a word", async () => {
      const findings = (await readBack(subject, descriptor)).filter(isOfPackage(descriptor));
      if (findings.length === 0) return;
      throw new ContractError("a build reads the descriptor without a word", messages(findings), REBUILD);
    }),
    contractCase("descriptor: another version of the format is refused", async () => {
      for (const version of [PLUGIN_API_VERSION - 1, PLUGIN_API_VERSION + 1]) {
        if (!isObject(descriptor)) return;
        const findings = await readBack(subject, { ...descriptor, assayPlugin: version });
        if (findings.some(({ code }) => code === "plugin/api-version")) continue;
        throw new ContractError(
          `a build refuses version ${version} of the format`,
          messages(findings),
          "write the number of the version as `assayPlugin`, as a number",
        );
      }
    }),
    contractCase("descriptor: has the type", () => {
      if (described !== undefined) return;
      throw new ContractError(
        `the descriptor has the ${definition.kind} \`${definition.type}\``,
        isObject(descriptor) ? (descriptor["types"] ?? null) : "no JSON object",
        REBUILD,
      );
    }),
    // Where a type of TypeScript says what arguments there are, the code does not know their schema.
    ...(definition.typedAt === undefined ? [same("arguments", definition.args, described?.args)] : []),
    same("facts", definition.facts, described?.facts),
    ...(definition.kind === "modelFamily" ? [same("cards", definition.cards, described?.cards)] : []),
    ...(definition.kind === "backend" ? [same("options", definition.group, described?.options?.group ?? null)] : []),
    ...(definition.kind === "rule" ? [codesCase(subject, definition.codes)] : []),
  ];
}

function codesCase(
  { descriptor, definition }: Subject,
  codes: Readonly<Record<string, { readonly severity: string; readonly meaning: string }>>,
): ContractCase {
  return contractCase("descriptor: codes are those of the code", () => {
    const described = isObject(descriptor) && Array.isArray(descriptor["codes"]) ? descriptor["codes"] : [];
    for (const [code, { severity, meaning }] of Object.entries(codes)) {
      const found = described.find((entry) => isObject(entry) && entry["code"] === code);
      if (isObject(found) && found["severity"] === severity && found["meaning"] === meaning) continue;
      throw new ContractError(
        `the descriptor says of the code \`${code}\` of \`${definition.type}\` what the rule says`,
        { code: { severity, meaning }, descriptor: found ?? null },
        REBUILD,
      );
    }
  });
}

/** What the host finds wrong with a descriptor. */
async function readBack({ file }: Subject, descriptor: unknown): Promise<readonly Finding[]> {
  const { readPlugins } = await import("../../../codegen/plugins.ts");
  const folder = mkdtempSync(join(tmpdir(), "assay-contract-"));
  try {
    writeFileSync(join(folder, "assay-plugin.json"), JSON.stringify(descriptor) ?? "");
    writeFileSync(join(folder, "package.json"), packageText(file, descriptor));
    const read = await readPlugins(folder, ["./assay-plugin.json"], () => ({
      kind: "nowhere",
      reason: "it is a test",
    }));
    return read.findings;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The package's own `package.json`, if there is one: name and version are compared. */
function packageText(file: string | null, descriptor: unknown): string {
  if (file !== null) {
    try {
      return readFileSync(join(dirname(file), "package.json"), "utf8");
    } catch {
      // A descriptor may lie elsewhere in its package.
    }
  }
  const { package: name = "", version = "" } = isObject(descriptor) ? descriptor : {};
  return JSON.stringify({ name, version });
}

/** The library's own types are there already when its copy is read. */
function isOfPackage(descriptor: unknown): (finding: Finding) => boolean {
  const isShipped = isObject(descriptor) && descriptor["package"] === "assay";
  return ({ code }) => !(isShipped && code === "plugin/two-owners");
}

function messages(findings: readonly Finding[]): string {
  return findings.length === 0 ? "nothing" : findings.map(({ code, message }) => `${code}: ${message}`).join("; ");
}

function canonicalOf(value: unknown): string {
  try {
    return canonicalJson(value ?? null);
  } catch (error) {
    return String(error);
  }
}
