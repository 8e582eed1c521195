import { defineConfig } from "assay";
import {
  defineBackend,
  defineDataset,
  defineLauncher,
  defineRule,
  defineTracker,
  type Launcher,
  type LauncherUse,
  type Rule,
  type TrackerUse,
  typed,
} from "assay/plugin";
import { qwen2 } from "assay/plugins";
import { contractOf, emptyBuild, loadLauncher } from "assay/testing";

const descriptor = new URL("file:///assay-plugin.json");
const args = {
  type: "object",
  properties: { path: { type: "string" } },
  required: ["path"],
  additionalProperties: false,
} as const;

const rows = defineDataset({ type: "rows", args, yields: ["text"] });
contractOf(rows, { descriptor, args: [{ path: "/a" }] });
// @ts-expect-error a sample has the factory's arguments
contractOf(rows, { descriptor, args: [{ paths: "/a" }] });
// @ts-expect-error at least one sample
contractOf(rows, { descriptor, args: [] });
// @ts-expect-error a dataset needs no builds
contractOf(rows, { descriptor, args: [{ path: "/a" }], builds: [] });

contractOf(qwen2, { descriptor });
// @ts-expect-error a family has no arguments
contractOf(qwen2, { descriptor, args: [{}] });

const serve = defineBackend({ type: "serve", role: "generate", args, shard: ({ model }) => ({ path: model.path }) });
contractOf(serve, { descriptor, args: [{ path: "/a" }], models: [{ bf16: true }] });

class Limit implements Rule<{ gpus: number }, "site/limit"> {
  check() {
    return [];
  }
}
const limit = defineRule({
  type: "limit",
  args: typed<{ gpus: number }>(),
  codes: { "site/limit": { severity: "error", meaning: "too many" } },
  rule: Limit,
});
const build = emptyBuild();
contractOf(limit, { descriptor, args: [{ gpus: 8 }], builds: [{ build, args: { gpus: 8 }, codes: ["site/limit"] }] });
// @ts-expect-error a rule needs builds
contractOf(limit, { descriptor, args: [{ gpus: 8 }] });

declare const engine: Launcher;
class Nohup {
  constructor(_args: { graceSeconds?: number }) {
    Object.assign(this, engine);
  }
  preview = engine.preview;
  submit = engine.submit;
  status = engine.status;
  logs = engine.logs;
  cancel = engine.cancel;
}
const nohup = defineLauncher({ type: "nohup", args: typed<{ graceSeconds?: number }>(), launcher: Nohup });
contractOf(nohup, { descriptor, args: [{ graceSeconds: 1 }], module: descriptor, exported: "nohup" });
// @ts-expect-error other processes load it from a module
contractOf(nohup, { descriptor, args: [{ graceSeconds: 1 }] });

const use: LauncherUse = nohup();
loadLauncher(use, build.cluster);
defineConfig({ launchers: { site: nohup({ graceSeconds: 1 }) } });
// @ts-expect-error wrong type of an argument
defineConfig({ launchers: { site: nohup({ graceSeconds: "1" }) } });
// @ts-expect-error a rule is no launcher
defineConfig({ launchers: { site: limit({ gpus: 8 }) } });
const board = defineTracker({ type: "board", args });
// @ts-expect-error a tracker is no launcher
defineConfig({ launchers: { site: board({ path: "/a" }) } });
defineLauncher({
  type: "half",
  args: typed<object>(),
  // @ts-expect-error a launcher that only submits is none
  launcher: class {
    submit = engine.submit;
  },
});

class Tracked {
  readonly fine: readonly TrackerUse[] = [board({ path: "/a" })];
  // @ts-expect-error wrong type of an argument
  readonly wrong: readonly TrackerUse[] = [board({ path: 1 })];
  // @ts-expect-error a launcher is no tracker
  readonly other: readonly TrackerUse[] = [nohup()];
}
export const tracked = new Tracked();
