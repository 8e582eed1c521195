import { at, type Finding, type Place } from "../diagnostics/finding.ts";
import type { Authored } from "../manifest/format.ts";
import { parsePointer } from "../origin/pointer.ts";
import { type FoundSecret, secretsIn } from "../spec/secrets.ts";
import { secretDiagnostics } from "./diagnostics.ts";

/** Secrets that stand in what is authored: a manifest is a file that many read. The same one at several places is one mistake. */
export function secretFindings(authored: Authored): readonly Finding[] {
  const { findings: _findings, ...part } = authored;
  const seen = new Set<string>();
  return secretsIn(part).flatMap((secret) => {
    if (seen.has(secret.text)) return [];
    seen.add(secret.text);
    return [secretFinding(secret, at(secret.pointer))];
  });
}

/** The finding of one secret; it tells what it is and how to do without, and nothing of the secret. */
export function secretFinding({ pointer, what }: FoundSecret, place: Place): Finding {
  const name = parsePointer(pointer).at(-1) ?? "";
  const variable = /^[A-Z][A-Z0-9_]*$/.test(name) ? name : "NAME";
  return secretDiagnostics.secret(
    { where: pointer, what },
    {
      at: place,
      help: `write \`\${secret:${variable}}\`: the reference stays in the manifest, and is bound when a worker starts`,
    },
  );
}
