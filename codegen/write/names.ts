import type { Finding } from "../../src/diagnostics/finding.ts";
import { outputDiagnostics } from "./diagnostics.ts";

const MAX_NAME_BYTES = 255;

/** What is wrong with the names of outputs: each must be a plain file name, also where case makes no difference. */
export function nameFindings(names: Iterable<string>): readonly Finding[] {
  const seen = new Map<string, string>();
  const findings: Finding[] = [];
  for (const name of names) {
    const folded = name.toLowerCase();
    const other = seen.get(folded);
    const clash = other === name ? "is that of two builds" : `differs from ${JSON.stringify(other)} by case only`;
    const problem = other === undefined ? problemOf(name) : clash;
    seen.set(folded, name);
    if (problem === null) continue;
    const at = { kind: "nowhere", reason: "the name is made of those of the experiment and the preset" } as const;
    findings.push(outputDiagnostics["output-name"]({ name, problem }, { at }));
  }
  return findings;
}

function problemOf(name: string): string | null {
  if (name === "") return "is empty";
  if (name.startsWith(".")) return "starts with a dot";
  if (/[/\\]/.test(name)) return "holds a slash";
  if (/[\u0000-\u001f\u007f]/.test(name)) return "holds a control character";
  if (/\p{Cs}/u.test(name)) return "holds half of a character";
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `is longer than ${MAX_NAME_BYTES} bytes`;
  return null;
}
