import { type ChildProcess, spawn } from "node:child_process";
import { dirname } from "node:path";
import type { JsonObject } from "type-fest";
import type { LaunchHandle, LaunchRequest } from "../../../plugin/launcher.ts";
import type { ClusterSpec } from "../../../spec/cluster.ts";

/** How another process makes the launcher. */
export interface FreshLauncher {
  /** Path of the module of JavaScript that exports the factory. */
  readonly module: string;
  readonly exported: string;
  readonly args: JsonObject;
  readonly cluster: ClusterSpec;
}

type Act =
  | { readonly act: "submit"; readonly request: LaunchRequest; readonly secrets: Readonly<Record<string, string>> }
  | { readonly act: "status" | "logs" | "cancel"; readonly handle: LaunchHandle };

/** Runs in a process of its own, which finds `assay` as the launcher's module does. */
const SCRIPT = `
import { text } from "node:stream/consumers";
import { loadLauncher } from "assay/testing";
const { module, exported, args, cluster, act, request, handle, secrets } = JSON.parse(await text(process.stdin));
const { [exported]: factory } = await import(module);
const launcher = loadLauncher(factory(args), cluster);
const tell = (value) => process.stdout.write(JSON.stringify(value) + "\\n");
const bind = (value) => value.replaceAll(/\\$\\$\\{|\\$\\{secret:(\\w+)\\}/g, (whole, name) => (name === undefined ? "$" + "{" : secrets[name]));
if (act === "submit") {
  tell(await launcher.submit(request, bind));
  // Waits to be killed.
  setInterval(() => undefined, 1e6);
} else if (act === "logs") {
  const lines = [];
  for await (const line of launcher.logs(handle)) lines.push(line);
  tell(lines);
} else tell((await launcher[act](handle)) ?? null);
`;

/** Has another process do something; what it told. A process that submits stays until it is killed by SIGKILL. */
export async function inFreshProcess(launcher: FreshLauncher, what: Act): Promise<unknown> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", SCRIPT], {
    cwd: dirname(launcher.module),
    stdio: ["pipe", "pipe", "pipe"],
    // What a test runner sets is not what a user has.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== "NODE_OPTIONS")),
  });
  try {
    child.stdin.end(JSON.stringify({ ...launcher, ...what }));
    return JSON.parse(await firstLine(child)) as unknown;
  } finally {
    child.kill("SIGKILL");
    await ended(child);
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((settle, fail) => {
    let out = "";
    let errors = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text));
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      const end = out.indexOf("\n");
      if (end >= 0) settle(out.slice(0, end));
    });
    child.once("error", fail);
    child.once("close", (code) => fail(new Error(`the process ended with ${code ?? "a signal"}: ${errors}`)));
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((settle) => child.once("exit", () => settle()));
}
