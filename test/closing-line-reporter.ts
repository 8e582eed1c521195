import { writeSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/** Closes a run with `N passed, N failed` alone on the last line, for programs that read the result. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let failed = errors.length;
    let skipped = 0;
    for (const module of modules) {
      if (module.errors().length > 0) failed += 1;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === "passed") passed += 1;
        else if (state === "failed") failed += 1;
        else skipped += 1;
      }
    }
    const tail = skipped > 0 ? `, ${skipped} skipped` : "";
    process.once("exit", () => writeSync(1, `\n${passed} passed, ${failed} failed${tail}\n`));
  }
}
