import { describe, expect, it } from "vitest";
import type { JsonObject } from "type-fest";
import { originOf } from "../../../src/origin/call-site.ts";
import { defineDataset, defineInterface, defineStreamDataset } from "../../../src/plugin/define.ts";
import { factsOfDefinitions } from "../../../src/plugin/descriptor.ts";
import { ownArgs } from "../../../src/plugin/own-args.ts";
import { loadedPlugins } from "../../../src/plugin/registry.ts";
import { enterRealm, leaveRealm } from "../../../src/realm/realm.ts";
import { resolve } from "../../../src/resolve/resolve.ts";
import { experimentConfig } from "../../../src/spec/experiment-config.ts";
import { pairFactsOf } from "../../../src/spec/pair.ts";
import { modelWorker } from "../../../src/spec/worker.ts";
import { authored, topo, shard } from "../resolve/configs.ts";

const own = (args: object) => ownArgs(args as JsonObject);

/** Runs with definitions that are gone afterwards. */
function apart<T>(act: () => T): T {
  const realm = enterRealm();
  try {
    return act();
  } finally {
    leaveRealm(realm);
  }
}

describe("a pair's arguments", () => {
  it("are copied and frozen to their depth", () => {
    const given = { list: [{ a: 1 }], map: { b: [2] }, left: undefined };
    const copy = own(given);
    given.list[0]!.a = 9;
    given.map.b.push(9);
    expect(copy).toEqual({ list: [{ a: 1 }], map: { b: [2] } });
    expect(Object.keys(copy)).toEqual(["list", "map"]);
    const { list, map } = copy as never as { list: readonly object[]; map: { b: object } };
    for (const part of [copy, list, list[0], map, map.b]) expect(Object.isFrozen(part)).toBe(true);
    expect(Object.isFrozen(given.list)).toBe(false);
  });

  it("keep names that every object has, and where nouns in them were made", () => {
    const copy = own(JSON.parse('{"__proto__": {"a": 1}, "constructor": [1]}') as object);
    expect(Object.keys(copy)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
    const rows = apart(() => defineDataset({ type: "rows", args: { type: "object" }, yields: ["text"] }))();
    const { inner } = own({ inner: [rows] }) as never as { inner: readonly object[] };
    expect(inner[0]).toBe(rows);
    expect(originOf(inner[0])?.frames.length).toBeGreaterThan(0);
  });

  it("that are no plain data stay what they are, for the build to tell", () => {
    const date = new Date(0);
    const getter = Object.defineProperty({}, "a", {
      get: () => {
        throw new Error("asked");
      },
      enumerable: true,
    });
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    const sparse = Array.from({ length: 3 });
    delete sparse[1];
    const copy = own({ date, getter, circle, sparse });
    expect(copy["date"]).toBe(date);
    expect(copy["getter"]).toBe(getter);
    expect((copy["circle"] as JsonObject)["self"]).toBe(circle);
    expect(copy["sparse"]).toBe(sparse);
    expect(Object.isFrozen(date)).toBe(false);
  });
});

describe("facts of a pair", () => {
  const face = (callsFor: (args: { readonly of: { readonly keys: readonly string[] } }) => object) =>
    apart(() =>
      defineInterface({
        type: "face",
        args: {
          type: "object",
          properties: {
            of: {
              type: "object",
              properties: { keys: { type: "array", items: { type: "string" } } },
              required: ["keys"],
            },
          },
          required: ["of"],
          additionalProperties: false,
        } as const,
        calls: { inference: { reads: "any", yields: "any" } },
        callsFor: callsFor as never,
      }),
    );
  const reading = face(({ of }) => ({ inference: { reads: { required: of.keys.map((key) => key) }, yields: "any" } }));

  it("are unknown where arguments don't fit, and nothing is thrown", () => {
    expect(pairFactsOf(reading({ of: { keys: ["a"] } }))?.facts["calls"]).toBeDefined();
    expect(pairFactsOf(reading({} as never))?.facts).toEqual({});
    expect(pairFactsOf(reading({ of: 1n } as never))?.facts).toEqual({});
  });

  it("that can't be told of arguments that fit are a mistake of the plugin's", () => {
    const broken = face(() => {
      throw new Error("of the plugin");
    });
    expect(() => broken({ of: { keys: [] } })).toThrow("of the plugin");
  });

  it("of a stream are unknown where its datasets are none", () => {
    const pull = apart(() =>
      defineStreamDataset({ type: "pull", args: { type: "object" }, datasets: "sources" as never, stream: () => ({}) }),
    );
    for (const sources of [undefined, 3, [3], [{ type: "constructor", args: {} }]]) {
      expect(pairFactsOf(pull({ sources } as never))?.facts).toEqual({});
    }
  });
});

describe("types with odd names", () => {
  it.each(["constructor", "toString", "hasOwnProperty", "a/b@1.2:x+y-z"])("are types like others: %s", (type) => {
    const findings = apart(() => {
      const args = { type: "object", properties: { size: { type: "integer" } }, additionalProperties: false } as const;
      const rows = defineDataset({ type, args, yields: ["text"] });
      const facts = factsOfDefinitions(loadedPlugins());
      const datasets = [rows({ size: 0.5 }), { type: `${type}x`, args: {} }];
      const worker = modelWorker({ baseSeed: 1, datasets, shards: [shard("x@0", topo(1, 1, 1), 0)] });
      const setup = experimentConfig({ modelRpcs: [], modelWorker: [worker] });
      return resolve({ authored: authored([setup]) }, { ...facts, types: { dataset: facts.types["dataset"] ?? {} } })
        .findings;
    });
    const told = findings
      .filter(({ code }) => code.startsWith("plugin/"))
      .map(({ code, data }) => [code, data["type"]]);
    expect(told).toEqual([
      ["plugin/args", type],
      ["plugin/unknown-type", `${type}x`],
    ]);
  });
});
