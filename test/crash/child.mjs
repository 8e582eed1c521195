// A process that writes outputs, and may be killed in the middle.
// Arguments: the compiled library's folder, and a task as JSON.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [library, text] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(join(library, "codegen", file)).href);
const { repair, writeSet } = await load("write.js");
const { fileOperations } = await load("write/operations.js");
const task = JSON.parse(text);
const { root, outDir } = task;

switch (task.kind) {
  case "write": {
    const { files, gen } = task.set;
    report(writeSet(outDir, new Map(Object.entries(files)), { root, gen, operations: killing(task) }).findings);
    break;
  }
  case "repair":
    report(repair(outDir, { root, operations: killing(task) }));
    break;
  case "loop":
    for (const { files, gen } of task.sets) {
      const { findings } = writeSet(outDir, new Map(Object.entries(files)), { root, gen });
      report(findings);
    }
    break;
}

/** File operations that end in SIGKILL at the `killAt`-th of them: before it, or with `torn` in the middle of a write. */
function killing({ killAt, torn }) {
  let count = 0;
  const wrap = (name, operation) =>
    function counted(...given) {
      count += 1;
      if (count === killAt) {
        if (torn && name === "writeNew") writeFileSync(given[0], given[1].slice(0, given[1].length / 2));
        process.kill(process.pid, "SIGKILL");
      }
      return operation(...given);
    };
  return Object.fromEntries(Object.entries(fileOperations).map(([name, operation]) => [name, wrap(name, operation)]));
}

function report(findings) {
  if (findings.length === 0) return;
  console.error(JSON.stringify(findings));
  process.exit(3);
}
