/**
 * Text of the program that stands between the launcher and each worker: it starts the worker when it is time, keeps its output and
 * its end in the attempt's folder, and outlives whoever submitted.
 */
export const SUPERVISOR = `// Started once a worker: supervisor.mjs NAME SECONDS -- PROGRAM ARGUMENTS...
import { spawn } from "node:child_process";
import { openSync, renameSync, writeFileSync } from "node:fs";

const [name, seconds, , program, ...args] = process.argv.slice(2);
const keep = (what, value) => {
  // A reader sees the whole file or none.
  writeFileSync(\`\${name}.\${what}.part\`, JSON.stringify(value));
  renameSync(\`\${name}.\${what}.part\`, \`\${name}.\${what}\`);
};
const tell = (answer) => {
  if (!process.connected) return;
  process.send(answer, () => process.disconnect());
};

let worker = null;
// Who ends the whole tree asks everybody: the worker ends first, and its end is kept.
process.on("SIGTERM", () => {
  if (worker === null) process.exit(0);
});

function start() {
  const log = openSync(\`\${name}.log\`, "a");
  worker = spawn(program, args, { stdio: ["ignore", log, log] });
  worker.on("spawn", () => {
    keep("started", { pid: worker.pid });
    tell({ started: true });
  });
  worker.on("error", ({ code }) => {
    keep("exit", { exitCode: 127 });
    tell({ failed: code });
  });
  worker.on("exit", (exitCode, signal) => keep("exit", signal === null ? { exitCode } : { signal }));
}

if (seconds === "0") start();
else {
  setTimeout(start, Number(seconds) * 1000);
  tell({ pending: true });
}
`;
