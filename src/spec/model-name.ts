import { at, type Finding } from "../diagnostics/finding.ts";
import { modelDiagnostics } from "./diagnostics.ts";
import { noun } from "./noun.ts";

/** One replica of a role: replica 0 is the main one, further ones hold the same model under another layout. */
export interface ModelName {
  readonly role: string;
  readonly replicaId: number;
}

/** `role@replicaId`, the text form used for map keys and in messages. */
export type ModelNameText = string;

/** Makes a model name. `@` in a role is `model/at-in-role`. */
export function modelName(role: string, replicaId = 0): ModelName {
  return noun(
    modelName,
    { role, replicaId },
    {
      fields: { role: [0], replicaId: [1] },
      findings: modelNameFindings(role, replicaId),
    },
  );
}

/** What is wrong with a role and a replica id; pointers are relative to the model name. */
export function modelNameFindings(role: string, replicaId: number): readonly Finding[] {
  const findings: Finding[] = [];
  if (role.includes("@")) {
    findings.push(
      modelDiagnostics["at-in-role"]({ role }, { at: at("/role", { offset: role.indexOf("@"), length: 1 }) }),
    );
  }
  if (!Number.isSafeInteger(replicaId) || replicaId < 0) {
    findings.push(modelDiagnostics["replica-id"]({ role, replicaId }, { at: at("/replicaId"), gives: ["replicaId"] }));
  }
  return findings;
}

/** Text form of a model name. */
export function modelNameText({ role, replicaId }: ModelName): ModelNameText {
  return `${role}@${replicaId}`;
}

/** Reads the text form; a text without `@` is replica 0 of that role. */
export function parseModelName(text: ModelNameText): ModelName {
  const mark = text.lastIndexOf("@");
  return mark < 0
    ? { role: text, replicaId: 0 }
    : { role: text.slice(0, mark), replicaId: Number(text.slice(mark + 1)) };
}

/** Order of model names: by role (code units), then by replica id. */
export function compareModelNames(a: ModelName, b: ModelName): number {
  if (a.role !== b.role) return a.role < b.role ? -1 : 1;
  return a.replicaId - b.replicaId;
}
