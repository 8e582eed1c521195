import type { Finding, Place } from "../src/diagnostics/finding.ts";
import type { PluginFacts } from "../src/manifest/format.ts";
import type { CallSite } from "../src/origin/call-site.ts";
import { parsePointer } from "../src/origin/pointer.ts";
import { PairChecker } from "../src/resolve/type-args.ts";
import type { TypeArgs } from "../src/spec/pair.ts";
import type { PluginKind } from "../src/spec/plugin-kinds.ts";
import type { UseFrames } from "./config-shape.ts";

/** How places in a config are found: in the call of a factory, or else in the config's own object. */
export interface UsePlaces {
  readonly uses: UseFrames;
  readonly placeOf: (path: readonly (string | number)[]) => Place;
}

/** What is wrong with the launchers of a config: types that no plugin brings, and arguments that don't fit. */
export function launcherFindings(
  launchers: Readonly<Record<string, TypeArgs>>,
  facts: PluginFacts,
  places: UsePlaces,
): readonly Finding[] {
  return Object.entries(launchers).flatMap(([name, pair]) =>
    useFindings("launcher", pair, ["launchers", name], facts, places),
  );
}

/** What is wrong with one pair of a config, each finding at the property of the factory's argument. */
export function useFindings(
  kind: PluginKind,
  pair: TypeArgs,
  path: readonly (string | number)[],
  facts: PluginFacts,
  { uses, placeOf }: UsePlaces,
): readonly Finding[] {
  const placed = (place: Place): Place => placeInUse(place, path, uses[path.join(".")], placeOf);
  const moved = (finding: Finding): Finding => ({
    ...finding,
    at: placed(finding.at),
    ...(finding.fixAt === undefined ? {} : { fixAt: placed(finding.fixAt) }),
  });
  return new PairChecker(facts).checkPair({ kind, pair, pointer: "" }).map(moved);
}

/**
 * Where a value of a pair stands: in the call of its factory, if that is known, else in the config's own object.
 * @param place by pointer from the pair.
 */
export function placeInUse(
  place: Place,
  path: readonly (string | number)[],
  frames: readonly CallSite[] | undefined,
  placeOf: UsePlaces["placeOf"],
): Place {
  if (place.kind !== "pointer") return place;
  const [first, ...inner] = parsePointer(place.pointer).map(asStep);
  const key = place.part === "key" ? ["#key"] : [];
  if (frames === undefined) return placeOf([...path, ...(first === undefined ? [] : [first]), ...inner, ...key]);
  // The type is the factory itself.
  return { kind: "site", frames, path: first === "args" ? [0, ...inner, ...key] : [] };
}

/** Elements of lists are found by number. */
function asStep(segment: string): string | number {
  return /^(?:0|[1-9]\d*)$/.test(segment) ? Number(segment) : segment;
}
