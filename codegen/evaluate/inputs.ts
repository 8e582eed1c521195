import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { AssayError } from "../../src/diagnostics/assay-error.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import type { CallSite } from "../../src/origin/call-site.ts";
import type { InputReader } from "../../src/realm/realm.ts";
import { insidePath } from "../write/inside.ts";
import { evaluateDiagnostics } from "./diagnostics.ts";
import type { ModuleUse } from "./protocol.ts";

/** A file that was read, and by which call. */
export interface InputUse extends ModuleUse {
  readonly frames: readonly CallSite[];
}

/**
 * Reads inputs for one job and notes each.
 * @param declared project-relative paths that may be read; `null` while they are not known yet.
 */
export function inputReader(root: string, declared: ReadonlySet<string> | null, uses: InputUse[]): InputReader {
  return (path, frames) => {
    const file = posix.normalize(path);
    const inside = insidePath(root, file);
    if (inside === null || declared?.has(file) === false) throw new AssayError([undeclared(path, frames)]);
    try {
      const bytes = readFileSync(inside);
      uses.push({ file, sha256: createHash("sha256").update(bytes).digest("hex"), frames });
      return bytes.toString("utf8");
    } catch {
      throw new AssayError([undeclared(path, frames)]);
    }
  };
}

/** Finding for what is no input. */
export function undeclared(path: string, frames: readonly CallSite[]): Finding {
  return evaluateDiagnostics["undeclared-input"]({ path }, { at: { kind: "site", frames, path: [0] } });
}
