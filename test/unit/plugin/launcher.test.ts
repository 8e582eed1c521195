import { describe, expect, it } from "vitest";
import { inject, Injectable, provide } from "../../../src/dsl/container.ts";
import { loadLauncher } from "../../../src/dsl/load-launcher.ts";
import { defineLauncher } from "../../../src/plugin/define-hooks.ts";
import {
  checkLaunchHandle,
  checkLaunchRequest,
  type Launcher,
  type LaunchHandle,
  type LaunchRequest,
  WORKER_INDEX,
  workerArgv,
  workerEnvironment,
} from "../../../src/plugin/launcher.ts";
import { enterRealm, leaveRealm } from "../../../src/realm/realm.ts";
import { ClusterSpec, clusterSpec } from "../../../src/spec/cluster.ts";

const cluster = clusterSpec({ name: "small", nodes: 1 });
const unused = (): never => {
  throw new Error("the test asks for nothing");
};
abstract class Clock {
  abstract now(): number;
}

class Base implements Launcher {
  preview = unused;
  submit = unused;
  status = unused;
  logs = unused;
  cancel = unused;
}

/** The launcher of a class, made as a config's is. */
function made<T extends object>(
  launcher: new (...parameters: never[]) => T,
  args: object = {},
  prepare = () => undefined as void,
): T {
  const realm = enterRealm();
  try {
    prepare();
    const make = defineLauncher({ type: "test", args: { type: "object" }, launcher: launcher as never });
    return loadLauncher(make(args as never), cluster) as never;
  } finally {
    leaveRealm(realm);
  }
}

describe("a launcher of a config", () => {
  it("gets its arguments, and what else it asks for", () => {
    @Injectable()
    class Injected extends Base {
      constructor(
        readonly args: { readonly grace: number },
        readonly cluster: ClusterSpec,
        readonly clock: Clock,
        @inject("token") readonly token: string,
      ) {
        super();
      }
    }
    const {
      args,
      cluster: given,
      clock,
      token,
    } = made(Injected, { grace: 3 }, () => {
      provide(Clock, { useValue: { now: () => 7 } });
      provide<string>("token", { useValue: "a" });
    });
    expect([args, given, clock.now(), token]).toEqual([{ grace: 3 }, cluster, 7, "a"]);
  });

  it("needs nothing but its arguments if it asks for nothing", () => {
    class Plain extends Base {
      readonly args: object;
      constructor(args: object) {
        super();
        this.args = args;
      }
    }
    expect(made(Plain, { grace: 3 }).args).toEqual({ grace: 3 });
  });

  it("is refused where something can't be given, or is missing", () => {
    class Undecorated extends Base {
      constructor(
        readonly args: object,
        readonly clock: Clock,
      ) {
        super();
      }
    }
    expect(() => made(Undecorated)).toThrow(
      "parameter 2 of the constructor of `Undecorated` can't be injected: its type is no class",
    );
    @Injectable()
    class Unprovided extends Base {
      constructor(
        readonly args: object,
        @inject("nobody") readonly token: string,
      ) {
        super();
      }
    }
    expect(() => made(Unprovided)).toThrow(
      "parameter 2 of the constructor of `Unprovided` can't be injected: nobody provides nobody",
    );
    expect(() => made(class Half {})).toThrow(
      "the launcher `test` lacks `preview`, `submit`, `status`, `logs`, `cancel`",
    );
    expect(() => loadLauncher({ type: "no-such", args: {} }, cluster)).toThrow("no launcher `no-such` is loaded");
  });
});

const resources = {
  cpu: 1,
  gpu: 0,
  memMiB: 1,
  nodelist: null,
  exclude: null,
  containerImage: null,
  timeLimit: null,
  begin: null,
  deadline: null,
  partition: null,
};
const group = { name: "alpha", count: 2, resources, env: {}, argv: ["run", WORKER_INDEX, "{index}"] } as const;
const run = { experiment: "e", preset: null, trial: "t", attempt: 0 };
const request: LaunchRequest = { run, groups: [group], cluster, folder: "/runs/a" };
const handle: LaunchHandle = {
  launcher: "test",
  run,
  folder: "/runs/a",
  groups: [{ name: "alpha", count: 2 }],
  jobs: {},
};

describe("what all launchers do", () => {
  it("tells each worker what it is", () => {
    expect(workerArgv(group, 1)).toEqual(["run", "1", "{index}"]);
    expect(workerEnvironment({ ...run, preset: "p", attempt: 2 }, group, 1)).toEqual({
      ASSAY_EXPERIMENT: "e",
      ASSAY_PRESET: "p",
      ASSAY_TRIAL: "t",
      ASSAY_ATTEMPT: "2",
      ASSAY_GROUP: "alpha",
      ASSAY_COUNT: "2",
      ASSAY_INDEX: "1",
    });
  });

  it("refuses requests that can't be meant, and no other", () => {
    expect(() => checkLaunchRequest(request)).not.toThrow();
    expect(() => checkLaunchRequest({ ...request, folder: "runs" })).toThrow('the folder "runs" is not absolute');
    expect(() => checkLaunchRequest({ ...request, run: { ...run, attempt: -1 } })).toThrow(
      "attempt -1 is no whole number from 0",
    );
    expect(() => checkLaunchRequest({ ...request, groups: [{ ...group, env: { A: "\0" } }] })).toThrow(
      "`A` of group `alpha` has a null byte",
    );
  });

  it("refuses what is no handle of its own, and takes one that is", () => {
    expect(() => checkLaunchHandle(handle, "test")).not.toThrow();
    expect(() => checkLaunchHandle(handle, "other")).toThrow('it is a handle of the launcher "test", not of `other`');
    for (const wrong of [
      null,
      [],
      "x",
      { ...handle, groups: [null] },
      { ...handle, groups: [...handle.groups, ...handle.groups] },
      { ...handle, run: {} },
    ]) {
      expect(() => checkLaunchHandle(wrong as never, "test")).toThrow(/handle/);
    }
  });
});
