import { defineDiagnostics } from "../../diagnostics/define.ts";
import { at, type Finding } from "../../diagnostics/finding.ts";
import { namesInTicks } from "../../spec/diagnostics.ts";
import { isObject, own } from "../../spec/own.ts";
import { strings, typeFacts } from "../facts.ts";
import { type Rule, textAt } from "./context.ts";

/** Codes of models that a backend can't run. */
export const familyDiagnostics = defineDiagnostics("model", {
  "family-unsupported": {
    severity: "error",
    message: ({ backend, release, card, family, since }: FamilyFacts) =>
      `backend \`${backend}\`${release === null ? "" : ` ${release}`} can't run \`${card}\`: ${since === null ? `it has no family \`${family}\`` : `it has family \`${family}\` since ${since}`}`,
    help: ({ families }) => `use another backend, or a model of one of its families: ${namesInTicks(families)}`,
  },
});

type FamilyFacts = {
  readonly backend: string;
  /** Release of the backend that its plugin describes. */
  readonly release: string | null;
  readonly card: string;
  readonly family: string;
  /** First release that has the family. */
  readonly since: string | null;
  readonly families: readonly string[];
};

/** Each backend runs models of the families that its plugin names; one that names none runs all. */
export const familiesOfBackends: Rule = ({ models, servers, facts }) => {
  const all = [
    ...models,
    ...servers.map((server) => ({ ...server, backend: server.engine, family: server.card?.family ?? null })),
  ];
  const seen = new Set<string>();
  return all.flatMap(({ backend, supports, card, family, pathPointer }): readonly Finding[] => {
    const families = own(supports, "families");
    if (!isObject(families) || card === null || family === null) return [];
    const release = textAt(supports, "release");
    const ofFamily = typeFacts(facts, "modelFamily", family)?.facts;
    // A family that nobody brings is a finding of its own, and one may name backends that it adds itself to.
    if (ofFamily === undefined || strings(ofFamily["backends"]).includes(backend)) return [];
    const since = own(families, family);
    const isOlder = typeof since === "string" && release !== null && isBefore(release, since);
    const key = [backend, card.id].join(" ");
    if ((since !== undefined && !isOlder) || seen.has(key)) return [];
    seen.add(key);
    const has = Object.keys(families).filter((name) => {
      const from = families[name];
      return !(typeof from === "string" && release !== null && isBefore(release, from));
    });
    const data = {
      backend,
      release,
      card: card.id,
      family,
      since: typeof since === "string" ? since : null,
      families: has,
    };
    return [familyDiagnostics["family-unsupported"](data, { at: at(pathPointer) })];
  });
};

/** Whether a release comes before another one, number by number: `0.4.6.post1` before `0.4.10`. */
export function isBefore(release: string, other: string): boolean {
  const numbers = (text: string) => (text.match(/\d+/g) ?? []).map(Number);
  const [a, b] = [numbers(release), numbers(other)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [left = 0, right = 0] = [a[index], b[index]];
    if (left !== right) return left < right;
  }
  return false;
}
