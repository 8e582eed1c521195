import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuildReport } from "../../codegen/report.ts";
import { compiledBuild, temporaryProject, type TemporaryProject } from "../compiled-build.ts";
import { fixturePackage } from "./dependencies.ts";
import { fileOf, foundIn, statuses, tuning, unmarked } from "./experiments.ts";
import { SOURCES } from "./variation.ts";

const plain = (code: string): string => code.replaceAll(/[«»]/g, "");

/** A statement that uses what it asks for. */
const statement = (code: string): string =>
  /^(?:const|void|await) /.test(code) ? `${code};` : `const used = ${code};\n    void used;`;

/** What a dependency may do, by itself or when it is called. */
const DEPENDENCIES = SOURCES.filter(({ imports, name }) => imports === undefined && name !== "computed-import").flatMap(
  ({ name, code, what }) =>
    (["module", "commonjs"] as const).flatMap((kind) =>
      (["loaded", "called"] as const).flatMap((when) =>
        kind === "commonjs" && /import|require/.test(name)
          ? []
          : [{ name: `${kind}-${when}-${name}`, kind, when, code, what }],
      ),
    ),
);

const own = Object.fromEntries(
  SOURCES.map(({ name, code, imports = "" }) => [
    name,
    code.includes("await")
      ? tuning(name, { imports, before: statement(code) })
      : tuning(name, { imports, statements: statement(code) }),
  ]),
);
const theirs = Object.fromEntries(
  DEPENDENCIES.map(({ name, when }) => [
    name,
    tuning(name, {
      imports: `import { use } from «"dep-${name}"»;`,
      statements: when === "called" ? "«use()»;" : "use();",
    }),
  ]),
);
const sources = unmarked({ ...own, ...theirs, sound: tuning("sound") });

describe("what differs between runs or machines", () => {
  let project: TemporaryProject;
  let report: BuildReport;
  beforeAll(async () => {
    const packages = DEPENDENCIES.map(({ name, kind, when, code }) =>
      fixturePackage(`dep-${name}`, kind, { [when]: statement(plain(code)) }),
    );
    project = temporaryProject(Object.assign({}, sources.files, ...packages) as Record<string, string>);
    report = await compiledBuild(project.root);
  });
  afterAll(() => project.remove());

  it.each(SOURCES)("is refused where it is used: $code", ({ name, what }) => {
    const [found, ...more] = foundIn(report, name);
    expect(more).toEqual([]);
    expect(found?.message).toContain(`\`${what}\``);
    expect(found).toMatchObject({ code: "evaluate/denied", primary: { file: fileOf(name) } });
    expect(found?.primary).toEqual(sources.spans[name]?.[0]);
  });

  it.each(DEPENDENCIES)("is refused in a $kind dependency when it is $when: $code", ({ name, when, what }) => {
    const [found, ...more] = foundIn(report, name);
    expect(more).toEqual([]);
    expect(found?.message).toContain(`\`${what}\``);
    // Code that runs while it is loaded is there by its import; what is called, by the author's own call.
    const [imported, called] = sources.spans[name] ?? [];
    expect(found).toMatchObject({ code: "evaluate/denied", primary: when === "loaded" ? imported : called });
    if (when === "called") expect(found?.related).toContainEqual(imported);
  });

  it("keeps no sound experiment from being proved", () => {
    expect(statuses(report, "sound")).toEqual(["needs", "proved"]);
  });
});
